//! What PyTorch's files hold beside a network, and what they may not hold.

use ich_model::{Selection, WeightsFile};
use test_kit::in_workspace;

use crate::network::{load, probability, refusal, small_network};
use crate::writer::{Blobs, Pickle, state_dict, tensors_of, write};

/// Objects as they stand beside state dicts, each as Python's pickle writes it.
fn objects() -> Vec<(&'static str, Pickle)> {
    let p = Pickle::default;
    let momentum = |p: Pickle| p.tensor("FloatStorage", "m0", &[2], &[1]);
    let optimizer = p()
        .global("torch.optim.sgd", "SGD")
        .raw(b")\x81}(")
        .text("state")
        .global("collections", "defaultdict")
        .global("builtins", "dict")
        .raw(b"\x85R(");
    let optimizer = momentum(optimizer.int(0).raw(b"}").text("momentum_buffer")).raw(b"su");
    let sparse = p()
        .global("torch._utils", "_rebuild_sparse_tensor")
        .raw(b"(")
        .global("torch.serialization", "_get_layout")
        .text("torch.sparse_coo")
        .raw(b"\x85R(");
    let sparse = momentum(momentum(sparse)).raw(b"(").int(9).raw(b"tttR");
    let subclass = p()
        .global("torch._tensor", "_rebuild_from_type_v2")
        .raw(b"(")
        .global("torch._utils", "_rebuild_wrapper_subclass")
        .global("torch.distributed.tensor", "DTensor");
    let subclass = momentum(subclass.raw(b"(")).raw(b"tNtR");
    let looped = p().raw(b"]q\xc8h\xc8a").raw(b"h\xc8a");
    vec![
        (
            "deque",
            momentum(p().global("collections", "deque").raw(b")R(").int(1)).raw(b"e"),
        ),
        ("defaultdict", {
            let dict = p().global("collections", "defaultdict");
            momentum(dict.global("builtins", "list").raw(b"\x85R(").text("loss")).raw(b"u")
        }),
        ("optimizer", optimizer.raw(b"ub")),
        ("sparse tensor", sparse),
        (
            "complex tensor",
            p().tensor("ComplexFloatStorage", "c0", &[1], &[1]),
        ),
        (
            "storage of an unknown type",
            p().storage("Float8_e4m3fnStorage", "f8", 4),
        ),
        (
            "tensor of an unknown type",
            p().tensor("Float8_e4m3fnStorage", "f8", &[4], &[1]),
        ),
        ("tensor subclass", subclass),
        ("tensor without a storage", {
            let call = p().global("torch._utils", "_rebuild_tensor_v2");
            call.raw(b"(N").int(0).raw(b"))tR")
        }),
        ("numpy scalar", {
            let scalar = p().global("numpy.core.multiarray", "scalar").raw(b"(");
            let scalar = scalar.global("numpy", "dtype").text("f8").raw(b"\x85R");
            scalar.raw(b"C\x08\0\0\0\0\0\0\0\0tR")
        }),
        ("function", p().global("__main__", "lr_lambda")),
        ("namespace", {
            let object = p().global("argparse", "Namespace").raw(b")\x81}");
            object.text("lr").raw(b"G?\xb9\x99\x99\x99\x99\x99\x9asb")
        }),
        (
            "set and frozenset",
            p().raw(b"\x8f(K\x01K\x02\x90(K\x01\x91\x86"),
        ),
        ("old instance", p().raw(b"(K\x01icopy_reg\nThing\n")),
        ("extension", p().raw(b"\x82\x05")),
        ("text of Python 2", p().raw(b"U\x02\xff\xfe")),
        ("large number", p().raw(b"\x8a\x0a").raw([7; 10])),
        ("list that holds itself", looped),
        ("call of a call", {
            let inner = p().global("functools", "partial").global("os", "system");
            inner.raw(b"\x85R").text("true").raw(b"\x85R")
        }),
    ]
}

/// Blocks of values that [`objects`] refers to.
fn object_blobs() -> Blobs {
    let blob = |key: &str, n_bytes| (format!("data/{key}"), vec![0; n_bytes]);
    vec![blob("m0", 8), blob("c0", 8), blob("f8", 4)]
}

#[test]
fn what_stands_beside_the_network_does_not_stop_loading() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = small_network();
    for (name, object) in objects() {
        let pickle = Pickle::default().raw(b"}(").text("state_dict");
        let (pickle, mut blobs) = state_dict(pickle, &tensors_of(&net), "");
        let pickle = pickle.text("beside").raw(&object.0).raw(b"u");
        blobs.extend(object_blobs());
        let path = folder.path().join("checkpoint.pt");
        write(&path, &pickle, &blobs);
        let loaded = load(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(probability(&loaded), probability(&net), "{name}");
        let file = WeightsFile::open(&path).expect("a file");
        let fit = file.fit(&Selection::default()).expect("a network");
        assert!(fit.is_complete(), "{name}: {fit:?}");
        let is_beside = |tensor: &String| tensor.starts_with("beside");
        assert!(fit.ignored.iter().all(is_beside), "{name}: {fit:?}");
    }
}

#[test]
fn tensors_beside_the_network_are_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let beside = |name: &str| {
        let mut objects = objects().into_iter();
        let (_, object) = objects.find(|(n, _)| *n == name).expect(name);
        let pickle = Pickle::default()
            .raw(b"}(")
            .text("x")
            .raw(&object.0)
            .raw(b"u");
        let path = folder.path().join("checkpoint.pt");
        write(&path, &pickle, &object_blobs());
        let file = WeightsFile::open(&path).expect("a file");
        let tensors = file.tensors().expect("tensors").into_iter();
        let rows = tensors.map(|t| format!("{} {} {:?}", t.name, t.dtype, t.shape));
        rows.collect::<Vec<_>>()
    };
    assert_eq!(beside("sparse tensor"), ["x sparse_tensor []"]);
    assert_eq!(beside("complex tensor"), ["x complexfloat [1]"]);
    assert_eq!(beside("tensor subclass"), ["x wrapper_subclass []"]);
    assert_eq!(beside("defaultdict"), ["x.loss f32 [2]"]);
    assert_eq!(beside("optimizer"), ["x.state.0.momentum_buffer f32 [2]"]);
    assert!(beside("function").is_empty());
}

/// In the place of a weight the same objects are errors that name the tensor.
#[test]
fn objects_in_the_place_of_a_weight_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = small_network();
    for (object, says) in [
        ("sparse tensor", "holds sparse_tensor values"),
        ("complex tensor", "has shape [1]"),
        ("tensor without a storage", "its description is incomplete"),
        ("deque", "encoder.fc.bias is missing"),
    ] {
        let mut tensors = tensors_of(&net);
        tensors.remove("encoder.fc.bias");
        let (pickle, mut blobs) = state_dict(Pickle::default(), &tensors, "");
        let mut objects = objects().into_iter();
        let (_, fragment) = objects.find(|(name, _)| *name == object).expect(object);
        let pickle = pickle.text("encoder.fc.bias").raw(&fragment.0).raw(b"s");
        blobs.extend(object_blobs());
        let path = folder.path().join("weights.pt");
        write(&path, &pickle, &blobs);
        let error = refusal(&path);
        assert!(error.contains("encoder.fc.bias"), "{object}: {error}");
        assert!(error.contains(says), "{object}: {error}");
    }
}

/// Damaged and hostile files are an error, or a network where a byte of a weight changed; never a
/// panic.
#[test]
fn survives_damaged_files() {
    let exports = in_workspace("crates/ich-model/tests/exports");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("damaged.pt");
    for file in ["network.pt", "legacy-nested.pt"] {
        let bytes = std::fs::read(exports.join(file)).expect("a file");
        for n_bytes in (1..bytes.len()).step_by(997) {
            std::fs::write(&path, &bytes[..n_bytes]).expect("written");
            assert!(load(&path).is_err(), "{file} cut at {n_bytes}");
        }
        let mut n_refused = 0;
        for position in (0..bytes.len()).step_by(89) {
            let mut damaged = bytes.clone();
            damaged[position] ^= 0xff;
            std::fs::write(&path, &damaged).expect("written");
            n_refused += usize::from(load(&path).is_err());
        }
        assert!(n_refused > 50, "{file}: {n_refused}");
    }
}

#[test]
fn refuses_pickles_without_measure() {
    let refusal_of = |pickle: Pickle| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hostile.pt");
        write(&path, &pickle, &Blobs::new());
        refusal(&path)
    };
    let p = Pickle::default;
    let many = refusal_of(p().raw(vec![b'}'; 2 << 20]));
    assert!(many.contains("objects"), "{many}");
    let long = refusal_of(p().raw(vec![b'N'; 5 << 20]));
    assert!(long.contains("instructions"), "{long}");
    // Dictionaries that hold each other twice, thirty times over.
    let doubled = (0..30_u8).fold(p().raw(b"}q\0"), |p, level| {
        let p = p.raw(b"}(").text("a").raw([b'h', level]).text("b");
        p.raw([b'h', level, b'u', b'q', level + 1])
    });
    let doubled = refusal_of(doubled);
    assert!(doubled.contains("too many objects"), "{doubled}");
    let deep = refusal_of(p().raw(vec![b'('; 100_000]).raw(vec![b't'; 100_000]));
    assert!(deep.contains("a list without tensors"), "{deep}");
    let nothing = refusal_of(p().global("posix", "system").text("true").raw(b"\x85R"));
    assert!(nothing.contains("posix.system"), "{nothing}");
}
