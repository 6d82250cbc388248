//! Windows of random sides, strides, pads and dilations against their definition in `f64`.

use burn::tensor::Device;
use cnn_burn::Net;
use cnn_graph::{Conv, End, Graph, GraphBuilder, Op, Size, Window};
use proptest::prelude::*;
use test_kit::assert_close;

use crate::cases::{images, in_f64, linear_head, numbers, tensor, vec};
use crate::gradients::differences;

const N_CHANNELS: usize = 4;

fn window() -> impl Strategy<Value = Window> {
    let kernel_shape = prop::array::uniform2(1_usize..=5);
    let strides = prop::array::uniform2(1_usize..=3);
    let pads = prop::array::uniform4(0_usize..=6);
    let dilations = prop::array::uniform2(1_usize..=3);
    let sides = (kernel_shape, strides, pads, dilations);
    sides.prop_map(|(kernel_shape, strides, pads, dilations)| Window {
        kernel_shape,
        strides,
        pads,
        dilations,
    })
}

fn op() -> impl Strategy<Value = Op> {
    let group = prop::sample::select(vec![1, 2, N_CHANNELS]);
    let conv = (window(), group, 1_usize..=3).prop_map(|(window, group, of_group)| {
        let [rows, cols] = window.kernel_shape;
        let c_out = group * of_group;
        Op::Conv(Conv {
            weight: numbers(1, c_out * N_CHANNELS / group * rows * cols),
            bias: numbers(2, c_out),
            window,
            group,
        })
    });
    let max_pool =
        (window(), any::<bool>()).prop_map(|(window, ceil_mode)| Op::MaxPool { window, ceil_mode });
    let average_pool = (window(), any::<bool>(), any::<bool>()).prop_map(
        |(window, ceil_mode, count_include_pad)| Op::AveragePool {
            window,
            ceil_mode,
            count_include_pad,
        },
    );
    prop_oneof![conv, max_pool, average_pool]
}

/// The node and two logits behind it, if it fits the map.
fn graph(op: Op, size: Size) -> Option<Graph> {
    let mut graph = GraphBuilder::new(N_CHANNELS, size).expect("a small image");
    let node = graph.add("one", op, &[graph.input()]).ok()?;
    let logits = linear_head(&mut graph, node, 2);
    graph.finish(logits, End::Logits).ok()
}

proptest! {
    #[test]
    fn random_windows_are_what_the_reference_says(
        op in op(),
        rows in 1_usize..=9,
        cols in 1_usize..=9,
        seed in 0_u64..1000,
    ) {
        if let Some(graph) = graph(op, Size { rows, cols }) {
            let device = Device::flex();
            let net = Net::new(&graph, &device).expect("a network");
            let images = images(&graph, 1, seed);
            let found = net
                .gradient(tensor(&graph, &images, &device), graph.input(), 1)
                .expect("a gradient");
            let logits = graph.reference(&in_f64(&images[0])).expect("logits");
            let expected: Vec<f32> = logits.iter().map(|&x| x as f32).collect();
            assert_close(&vec(found.logits), &expected, 3e-5);
            let expected = &differences(&graph, &images[0])[1];
            assert_close(&vec(found.gradient), expected, 3e-5);
        }
    }
}
