//! Small ONNX files. Numbers of fields are those of `onnx.proto3`.

/// A message that is being written.
#[derive(Default, Clone)]
pub(crate) struct Message(pub(crate) Vec<u8>);

impl Message {
    fn raw_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(crate) fn int(mut self, field: u64, value: i64) -> Self {
        self.raw_varint(field << 3);
        self.raw_varint(value.cast_unsigned());
        self
    }

    pub(crate) fn float(mut self, field: u64, value: f32) -> Self {
        self.raw_varint(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.raw_varint(field << 3 | 2);
        self.raw_varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    pub(crate) fn texts(self, field: u64, values: &[&str]) -> Self {
        let write = |this: Self, value: &&str| this.bytes(field, value.as_bytes());
        values.iter().fold(self, write)
    }

    pub(crate) fn messages(self, field: u64, messages: &[Message]) -> Self {
        let write = |this: Self, message: &Message| this.bytes(field, &message.0);
        messages.iter().fold(self, write)
    }

    /// A node with one more attribute.
    pub(crate) fn with(self, attribute: Message) -> Self {
        self.messages(5, &[attribute])
    }
}

pub(crate) fn message() -> Message {
    Message::default()
}

/// A node, whose name is its operator's.
pub(crate) fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> Message {
    let node = message().texts(1, inputs).texts(2, outputs);
    node.texts(3, &[op]).texts(4, &[op])
}

fn attribute(name: &str, kind: i64) -> Message {
    message().texts(1, &[name]).int(20, kind)
}

pub(crate) fn float(name: &str, value: f32) -> Message {
    attribute(name, 1).float(2, value)
}

pub(crate) fn int(name: &str, value: i64) -> Message {
    attribute(name, 2).int(3, value)
}

pub(crate) fn text(name: &str, value: &str) -> Message {
    attribute(name, 3).texts(4, &[value])
}

pub(crate) fn ints(name: &str, values: &[i64]) -> Message {
    let write = |this: Message, &value: &i64| this.int(8, value);
    values.iter().fold(attribute(name, 7), write)
}

/// An attribute that holds a tensor.
pub(crate) fn tensor_attribute(name: &str, tensor: &Message) -> Message {
    attribute(name, 4).messages(5, std::slice::from_ref(tensor))
}

/// An attribute that holds a graph.
pub(crate) fn subgraph(name: &str) -> Message {
    attribute(name, 5).bytes(6, &[])
}

fn tensor(name: &str, shape: &[i64], data_type: i64) -> Message {
    let write = |this: Message, &size: &i64| this.int(1, size);
    let tensor = shape.iter().fold(message(), write);
    tensor.int(2, data_type).texts(8, &[name])
}

pub(crate) fn floats_tensor(name: &str, shape: &[i64], values: &[f32]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    tensor(name, shape, 1).bytes(9, &bytes)
}

pub(crate) fn ints_tensor(name: &str, shape: &[i64], values: &[i64]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    tensor(name, shape, 7).bytes(9, &bytes)
}

/// A tensor of as many values as its shape asks for, all `0.25`.
pub(crate) fn weights(name: &str, shape: &[i64]) -> Message {
    let n = shape.iter().product::<i64>() as usize;
    floats_tensor(name, shape, &vec![0.25; n])
}

/// A tensor whose values are in another file.
pub(crate) fn external_tensor(name: &str, shape: &[i64], entries: &[(&str, &str)]) -> Message {
    let entry = |(key, value): &(&str, &str)| message().texts(1, &[key]).texts(2, &[value]);
    let entries: Vec<Message> = entries.iter().map(entry).collect();
    tensor(name, shape, 1).messages(13, &entries).int(14, 1)
}

/// A value that a graph takes or gives; a negative size stands for any.
pub(crate) fn value(name: &str, dims: &[i64]) -> Message {
    let dim = |&size: &i64| match size {
        0.. => message().int(1, size),
        _ => message().texts(2, &["n"]),
    };
    let dims: Vec<Message> = dims.iter().map(dim).collect();
    let tensor = message()
        .int(1, 1)
        .messages(2, &[message().messages(1, &dims)]);
    message()
        .texts(1, &[name])
        .messages(2, &[message().messages(1, &[tensor])])
}

/// A graph from the image `x` to the output `y`.
pub(crate) fn graph(nodes: &[Message], initializers: &[Message], dims: &[i64]) -> Message {
    let graph = message().messages(1, nodes).messages(5, initializers);
    let graph = graph.messages(11, &[value("x", dims)]);
    graph.messages(12, &[value("y", &[-1, 2])])
}

pub(crate) fn model(opset: i64, graph: Message) -> Message {
    let operators = message().int(2, opset);
    message()
        .int(1, 8)
        .messages(7, &[graph])
        .messages(8, &[operators])
}
