//! A convolutional network at one image size.
