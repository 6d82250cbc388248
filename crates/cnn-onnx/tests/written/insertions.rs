//! Files into which nodes are put that move nothing: the graphs stay as they are.

use cnn_graph::Size;
use cnn_onnx::Model;
use test_kit::random::Random;
use test_kit::{in_workspace, say};

use crate::kinds;
use crate::writer::{Message, int, ints, ints_tensor, message, node, tensor_attribute};

/// Operators whose outputs have batch, channels, rows and columns. Others may be of vectors.
const MAPS: [&str; 3] = ["Conv", "MaxPool", "AveragePool"];

/// The number, the bytes with the key, and the value of each field with a length; others have no
/// value here.
fn fields(bytes: &[u8]) -> Vec<(u64, &[u8], &[u8])> {
    let varint = |at: &mut usize| {
        let mut value = 0_u64;
        for shift in (0..).step_by(7) {
            let byte = bytes[*at];
            *at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    };
    let mut at = 0;
    let mut fields = Vec::new();
    while at < bytes.len() {
        let start = at;
        let key = varint(&mut at);
        let mut value = &[][..];
        match key & 7 {
            0 => drop(varint(&mut at)),
            1 => at += 8,
            2 => {
                let len = varint(&mut at) as usize;
                value = &bytes[at..at + len];
                at += len;
            }
            _ => at += 4,
        }
        fields.push((key >> 3, &bytes[start..at], value));
    }
    fields
}

/// The message with each field as it is or rewritten.
fn rewritten(
    bytes: &[u8],
    mut write: impl FnMut(Message, u64, &[u8]) -> Option<Message>,
) -> Message {
    let mut all = message();
    for (number, field, value) in fields(bytes) {
        match write(all.clone(), number, value) {
            Some(new) => all = new,
            None => all.0.extend(field),
        }
    }
    all
}

/// Nodes that give `to` the values of `from`, a map if `is_map`.
fn that_move_nothing(random: &mut Random, from: &str, to: &str, is_map: bool) -> Vec<Message> {
    let between = format!("{to}/between");
    let transpose = |from: &str, to: &str, perm: &[i64]| {
        node("Transpose", &[from], &[to]).with(ints("perm", perm))
    };
    match random.below(if is_map { 6 } else { 4 }) {
        0 => vec![node("Identity", &[from], &[to])],
        1 => vec![node("Cast", &[from], &[to]).with(int("to", 1))],
        2 => vec![node("Dropout", &[from], &[to])],
        3 => {
            let axes = format!("{to}/axes");
            let tensor = tensor_attribute("value", &ints_tensor("", &[1], &[0]));
            vec![
                node("Constant", &[], &[&axes]).with(tensor),
                node("Unsqueeze", &[from, &axes], &[&between]),
                node("Squeeze", &[&between, &axes], &[to]),
            ]
        }
        4 => vec![
            transpose(from, &between, &[0, 2, 3, 1]),
            transpose(&between, to, &[0, 3, 1, 2]),
        ],
        _ => vec![
            transpose(from, &between, &[3, 1, 0, 2]),
            transpose(&between, to, &[2, 1, 3, 0]),
        ],
    }
}

/// The file with nodes behind some of those that compute on the image, and with every second
/// initializer as a node.
fn with_insertions(random: &mut Random, file: &[u8]) -> Vec<u8> {
    let all = rewritten(file, |all, number, graph| match number {
        7 => Some(all.messages(7, &[graph_with_insertions(random, graph)])),
        _ => None,
    });
    all.0
}

fn graph_with_insertions(random: &mut Random, graph: &[u8]) -> Message {
    let name_of = |tensor: &[u8]| {
        let name = fields(tensor).into_iter().find(|field| field.0 == 8);
        let name = name.expect("a name").2;
        std::str::from_utf8(name).expect("a name").to_owned()
    };
    let mut n_initializers = 0;
    let mut constants = Vec::new();
    let rest = rewritten(graph, |all, number, value| match number {
        1 => Some(all.messages(1, &with_node(random, value))),
        5 => {
            n_initializers += 1;
            (n_initializers % 2 == 0).then(|| {
                let tensor = tensor_attribute("value", &Message(value.to_vec()));
                constants.push(node("Constant", &[], &[&name_of(value)]).with(tensor));
                all
            })
        }
        _ => None,
    });
    // Constants come first, because nodes use them.
    let mut all = message().messages(1, &constants);
    all.0.extend(rest.0);
    all
}

/// A node as it is, or with nodes behind it.
fn with_node(random: &mut Random, bytes: &[u8]) -> Vec<Message> {
    let text = |number: u64| {
        let found = fields(bytes).into_iter().find(|field| field.0 == number);
        let value = found.map_or(&[][..], |field| field.2);
        std::str::from_utf8(value).expect("text").to_owned()
    };
    let (op, output) = (text(4), text(2));
    let is_map = MAPS.contains(&op.as_str());
    let is_value = is_map || ["Relu", "Sigmoid", "Gemm"].contains(&op.as_str());
    if !is_value || random.below(2) == 0 {
        return vec![Message(bytes.to_vec())];
    }
    let before = format!("{output}/before");
    let renamed = rewritten(bytes, |all, number, _| {
        (number == 2).then(|| all.texts(2, &[&before]))
    });
    let behind = that_move_nothing(random, &before, &output, is_map);
    [&[renamed], &behind[..]].concat()
}

#[test]
fn nodes_that_move_nothing_change_nothing() {
    let names = [
        "xception-legacy-17",
        "preact-dynamo-20",
        "squeezenet-legacy-17",
        "odd-legacy-17",
        "efficientnet-legacy-17",
        "shufflenet_v2-legacy-17",
        "convnext-legacy-17",
        "same_padding-legacy-17",
        "group_norm-legacy-17",
        "fpn-legacy-17",
    ];
    let mut n_inserted = 0;
    for name in names {
        let path = in_workspace("crates/cnn-onnx/tests/fixtures").join(format!("{name}.onnx"));
        let file = std::fs::read(path).expect("a file");
        let model = Model::from_bytes(file.clone(), None).expect("a model");
        let input = model.input().expect("an image");
        let size = Size {
            rows: input.rows.unwrap_or(64),
            cols: input.cols.unwrap_or(48),
        };
        let expected = model.graph(size).expect("a graph");
        for seed in 0..10 {
            let changed = with_insertions(&mut Random::new(seed), &file);
            n_inserted += changed.len() - file.len();
            let model = Model::from_bytes(changed, None).expect("a model");
            let graph = model.graph(size);
            let graph = graph.unwrap_or_else(|error| panic!("{name}, seed {seed}: {error}"));
            assert_eq!(kinds(&graph), kinds(&expected), "{name}, seed {seed}");
        }
    }
    say(&format!(
        "{n_inserted} bytes were inserted and changed no graph"
    ));
}
