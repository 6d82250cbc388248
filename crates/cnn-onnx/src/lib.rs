//! Reads convolutional classifiers from ONNX files.
