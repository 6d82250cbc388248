//! Runs the graph of a convolutional network on any Burn device.
