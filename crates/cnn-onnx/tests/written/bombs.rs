//! Small files that ask for much, within 1 GiB of address space.

use test_kit::bounded::within_a_gibibyte;

use crate::assert_nodes_refused;
use crate::writer::{float, floats_tensor, int, ints, ints_tensor, node, weights};

const LARGE: i64 = 1 << 40;

#[test]
fn refuses_large_constants() {
    within_a_gibibyte("bombs::refuses_large_constants", || {
        let shape = || ints_tensor("s", &[2], &[LARGE, 4]);
        let one = || floats_tensor("o", &[1], &[1.0]);
        let says = "values of a constant: more than 65536";
        let used = || node("Add", &["x", "c"], &["y"]);
        let nodes = [node("ConstantOfShape", &["s"], &["c"]), used()];
        assert_nodes_refused(&nodes, &[shape()], says);
        let nodes = [node("Expand", &["o", "s"], &["c"]), used()];
        assert_nodes_refused(&nodes, &[one(), shape()], says);
        let numbers = ["a", "b", "d"].iter().zip([0, i64::MAX, 1]);
        let numbers: Vec<_> = numbers
            .map(|(name, n)| ints_tensor(name, &[], &[n]))
            .collect();
        let nodes = [node("Range", &["a", "b", "d"], &["c"]), used()];
        assert_nodes_refused(&nodes, &numbers, says);
        // An outer sum.
        let arrays = [weights("a", &[60_000]), weights("b", &[60_000, 1])];
        let nodes = [node("Add", &["a", "b"], &["c"]), used()];
        assert_nodes_refused(&nodes, &arrays, says);
    });
}

#[test]
fn refuses_many_constants() {
    within_a_gibibyte("bombs::refuses_many_constants", || {
        let shape = ints_tensor("s", &[1], &[65_536]);
        let names: Vec<String> = (0..9_000).map(|at| format!("c{at}")).collect();
        let constant = |name: &String| node("ConstantOfShape", &["s"], &[name]);
        let mut nodes: Vec<_> = names.iter().map(constant).collect();
        let inputs: Vec<&str> = names.iter().map(String::as_str).collect();
        for (at, chunk) in inputs.chunks(1_000).enumerate() {
            nodes.push(node("Max", chunk, &[&format!("m{at}")]));
        }
        let sums: Vec<String> = (0..9).map(|at| format!("m{at}")).collect();
        let sums: Vec<&str> = sums.iter().map(String::as_str).collect();
        nodes.push(node("Sum", &[&["x"], &sums[..]].concat(), &["y"]));
        assert_nodes_refused(
            &nodes,
            &[shape],
            "weights, tables and folded constants together",
        );
    });
}

#[test]
fn refuses_many_affine_maps_of_many_channels() {
    within_a_gibibyte("bombs::refuses_many_affine_maps_of_many_channels", || {
        let weight = weights("w", &[65_536, 3, 1, 1]);
        let mut nodes = vec![node("Conv", &["x", "w"], &["v0"])];
        for at in 0..5_000 {
            let (from, to) = (format!("v{at}"), format!("v{}", at + 1));
            nodes.push(node("Neg", &[&from], &[&to]));
        }
        nodes.push(node("GlobalMaxPool", &["v5000"], &["y"]));
        assert_nodes_refused(&nodes, &[weight], "folded constants together: more than");
    });
}

#[test]
fn refuses_weights_that_are_read_many_times() {
    within_a_gibibyte("bombs::refuses_weights_that_are_read_many_times", || {
        let mut nodes = vec![node("Conv", &["x", "first"], &["v0"])];
        for at in 0..1_000 {
            let (from, to) = (format!("v{at}"), format!("v{}", at + 1));
            nodes.push(node("Conv", &[&from, "w"], &[&to]));
        }
        nodes.push(node("GlobalMaxPool", &["v1000"], &["y"]));
        let all = [
            weights("first", &[512, 3, 1, 1]),
            weights("w", &[512, 512, 1, 1]),
        ];
        assert_nodes_refused(&nodes, &all, "folded constants together: more than");
    });
}

#[test]
fn refuses_large_windows() {
    within_a_gibibyte("bombs::refuses_large_windows", || {
        let pool =
            |kernel: i64| node("MaxPool", &["x"], &["y"]).with(ints("kernel_shape", &[2, kernel]));
        let says = "kernel_shape 2147483648, expected 1 to 1,024";
        assert_nodes_refused(&[pool(1 << 31)], &[], says);
        let padded = pool(2).with(ints("pads", &[0, 0, 1 << 31, 0]));
        assert_nodes_refused(&[padded], &[], "pads [0, 0, 2147483648, 0], expected");
        let padded = pool(2).with(ints("pads", &[1 << 20, 1 << 20, 1 << 20, 1 << 20]));
        assert_nodes_refused(&[padded], &[], "values: more than 268435456");
        let pads = ints_tensor("p", &[8], &[0, 0, LARGE, 0, 0, 0, 0, 0]);
        let says = "pads of 1099511627776 and 0 at a side";
        assert_nodes_refused(&[node("Pad", &["x", "p"], &["y"])], &[pads], says);
    });
}

#[test]
fn refuses_large_maps() {
    within_a_gibibyte("bombs::refuses_large_maps", || {
        let scales = floats_tensor("s", &[4], &[1.0, 1.0, 1e9, 1.0]);
        let nodes = [node("Resize", &["x", "", "s"], &["y"])];
        assert_nodes_refused(&nodes, &[scales], "a side of 8 becomes one of 8000000000");
        let nan = floats_tensor("s", &[4], &[1.0, 1.0, f32::NAN, 1.0]);
        assert_nodes_refused(&nodes, &[nan], "scales NaN, 8 becomes NaN, expected one by");
        let mut nodes = vec![node("Concat", &["x", "x"], &["v0"]).with(int("axis", 1))];
        for at in 0..60 {
            let (from, to) = (format!("v{at}"), format!("v{}", at + 1));
            nodes.push(node("Concat", &[&from, &from], &[&to]).with(int("axis", 1)));
        }
        nodes.push(node("GlobalMaxPool", &["v60"], &["y"]));
        assert_nodes_refused(&nodes, &[], "channels: more than 65536");
    });
}

#[test]
fn refuses_large_shapes() {
    within_a_gibibyte("bombs::refuses_large_shapes", || {
        let nodes = [node("Reshape", &["x", "s"], &["y"])];
        let shape = ints_tensor("s", &[3], &[1 << 62, 1 << 62, 1]);
        assert_nodes_refused(&nodes, &[shape], "[1, 3, 8, 10] does not become");
        let shape = ints_tensor("s", &[100], &[1; 100]);
        assert_nodes_refused(&nodes, &[shape], "more than 64 dimensions");
        let nodes = [node("Unsqueeze", &["x", "s"], &["y"])];
        let axes = ints_tensor("s", &[100], &[0; 100]);
        assert_nodes_refused(&nodes, &[axes], "more than 64 dimensions");
        let one = floats_tensor("o", &[1], &[1.0]);
        let many = ints_tensor("s", &[50_000], &[1; 50_000]);
        let nodes = [
            node("Expand", &["o", "s"], &["e"]),
            node("Mul", &["x", "e"], &["y"]),
        ];
        let says = "dimensions of a constant: more than 64";
        assert_nodes_refused(&nodes, &[one, many], says);
        let mut nodes = vec![node("GlobalMaxPool", &["x"], &["v0"])];
        for at in 0..100 {
            let (from, to) = (format!("v{at}"), format!("v{}", at + 1));
            nodes.push(node("Gather", &[&from, "i"], &[&to]));
        }
        nodes.push(node("Relu", &["v100"], &["y"]));
        let index = ints_tensor("i", &[1, 1, 1], &[0]);
        assert_nodes_refused(&nodes, &[index], "more than 64 dimensions");
        let weight = ints_tensor("w", &[1 << 62, 1 << 62, 4], &[]);
        let nodes = [node("Conv", &["x", "w"], &["y"])];
        assert_nodes_refused(&nodes, &[weight], "tensor w has shape");
    });
}

#[test]
fn refuses_many_nodes() {
    within_a_gibibyte("bombs::refuses_many_nodes", || {
        let nodes = vec![node("Add", &["x", "x"], &["y"]); 1_000_000];
        assert_nodes_refused(&nodes, &[], "more than 10000 items of a list");
        let nodes = [node("Sum", &vec!["x"; 2_000], &["y"])];
        assert_nodes_refused(&nodes, &[], "more than 1024 items of a list");
        let nodes = vec![node("Sum", &vec!["x"; 1_000], &["y"]); 9_000];
        assert_nodes_refused(&nodes, &[], "more than 1048576 inputs and outputs of nodes");
    });
}

#[test]
fn refuses_many_parts_with_a_long_name() {
    within_a_gibibyte("bombs::refuses_many_parts_with_a_long_name", || {
        let name = "n".repeat(10_000_000);
        let nodes = [node("Relu", &["x"], &["y"]).texts(3, &[&name])];
        assert_nodes_refused(
            &nodes,
            &[],
            "a name of 10000000 bytes, expected at most 4096",
        );
        let name = "n".repeat(4_000);
        let widened = node("Gather", &["x", "i"], &["v"]).with(int("axis", 1));
        let index = ints_tensor("i", &[1_000], &[0; 1_000]);
        let mut nodes = vec![widened];
        let mut last = String::from("v");
        for at in 0..100 {
            let outputs: Vec<String> = (0..1_000).map(|part| format!("p{at}/{part}")).collect();
            let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
            let split = node("Split", &[&last], &outputs).texts(3, &[&name]);
            nodes.push(split.with(int("axis", 1)));
            let next = format!("v{at}");
            nodes.push(node("Concat", &outputs, &[&next]).with(int("axis", 1)));
            last = next;
        }
        nodes.push(node("GlobalMaxPool", &[&last], &["y"]));
        assert_nodes_refused(&nodes, &[index], "nodes: more than 40000");
    });
}

/// No depth of recursion follows the depth of a graph.
#[test]
fn reads_deep_graphs() {
    test_kit::bounded::on_a_small_stack(|| {
        let mut nodes = vec![node("Relu", &["x"], &["v0"])];
        for at in 0..9_000 {
            let (from, to) = (format!("v{at}"), format!("v{}", at + 1));
            let op = ["Add", "Mul"][at % 2];
            nodes.push(node(op, &[&from, &from], &[&to]));
        }
        nodes.push(node("LeakyRelu", &["v9000"], &["z"]).with(float("alpha", 0.5)));
        nodes.push(node("GlobalMaxPool", &["z"], &["y"]));
        let graph = crate::writer::graph(&nodes, &[], &[-1, 3, 8, 10]);
        let graph = crate::lowered(&crate::writer::model(20, graph).0).expect("a graph");
        assert_eq!(graph.nodes().len(), 9_004);
    });
}
