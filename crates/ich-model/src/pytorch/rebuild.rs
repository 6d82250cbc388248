//! The few calls in a pickle that describe tensors, from `torch/_utils.py` and `torch/_tensor.py`.

use super::object::{Mapping, Node, Objects, Value};
use super::tensor::{Element, Place, Storage, Tensor};

/// Dimensions of a tensor.
const MAX_RANK: usize = 64;

/// The storage that a persistent id means.
pub(super) fn storage<'p>(objects: &Objects<'p>, id: Value<'p>) -> Option<Storage<'p>> {
    let [
        Value::Text("storage"),
        class,
        Value::Text(key),
        _,
        Value::Int(n_values),
        view @ ..,
    ] = objects.sequence(id)?
    else {
        return None;
    };
    let name = match *class {
        Value::Text(name) => name,
        class => objects.global(class)?.1,
    };
    let (mut view_start, mut n_values) = (0, usize::try_from(*n_values).ok()?);
    if let Some(&view) = view.first()
        && let Some([_, Value::Int(start), Value::Int(size)]) = objects.sequence(view)
    {
        view_start = usize::try_from(*start).ok()?;
        n_values = n_values.min(view_start.checked_add(usize::try_from(*size).ok()?)?);
    }
    Some(Storage {
        key,
        element: Element::named(name),
        n_values,
        view_start,
    })
}

/// What stands for a call: a tensor, a dictionary, or the name of what was to be called.
pub(super) fn call<'p>(
    objects: &mut Objects<'p>,
    callable: Value<'p>,
    args: Value<'p>,
) -> Result<Value<'p>, String> {
    let class = objects.global(callable);
    let args: Vec<Value<'p>> = objects.sequence(args).unwrap_or_default().to_vec();
    let node = match class {
        Some(("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2")) => {
            Node::Tensor(Box::new(strided(objects, &args, None)))
        }
        Some(("torch._utils", "_rebuild_tensor_v3")) => {
            let dtype = args.get(6).and_then(|&dtype| objects.global(dtype));
            let element = Element::named(dtype.map_or("unknown", |(_, name)| name));
            Node::Tensor(Box::new(strided(objects, &args, Some(element))))
        }
        Some(("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state")) => {
            return Ok(args.first().copied().unwrap_or(Value::Other));
        }
        Some(("torch._tensor", "_rebuild_from_type_v2")) => {
            // The function, the class of the result, the function's own arguments.
            return match args[..] {
                [function, _, args, ..] if function != callable => call(objects, function, args),
                _ => Ok(Value::Other),
            };
        }
        Some(("torch._utils" | "torch._tensor" | "torch.nested", name))
            if name.starts_with("_rebuild_") =>
        {
            Node::Tensor(Box::new(Tensor {
                element: Element::Other(name.trim_start_matches("_rebuild_"), None),
                shape: Vec::new(),
                place: Place::Unread,
            }))
        }
        Some(("builtins" | "__builtin__", "set" | "frozenset" | "list" | "tuple")) => {
            let items = args.first().and_then(|&items| objects.sequence(items));
            Node::Sequence(items.unwrap_or_default().to_vec())
        }
        _ => Node::Mapping(Box::new(Mapping {
            class: Some(class.unwrap_or(("", "object"))),
            items: constructor_items(objects, &args),
            state: None,
        })),
    };
    objects.add(node)
}

/// The items of a dictionary that is built from a list of pairs, as `OrderedDict` was in Python 2.
fn constructor_items<'p>(objects: &Objects<'p>, args: &[Value<'p>]) -> Vec<(Value<'p>, Value<'p>)> {
    let list = args.first().and_then(|&list| objects.sequence(list));
    list.into_iter()
        .flatten()
        .filter_map(|&pair| match objects.sequence(pair) {
            Some(&[key, value]) => Some((key, value)),
            _ => None,
        })
        .collect()
}

/// `(storage, start, shape, strides, ...)`.
fn strided<'p>(
    objects: &Objects<'p>,
    args: &[Value<'p>],
    element: Option<Element<'p>>,
) -> Tensor<'p> {
    let mut tensor = Tensor {
        element: element.unwrap_or(Element::Other("unknown", None)),
        shape: Vec::new(),
        place: Place::Nowhere("its description is incomplete"),
    };
    let &[source, Value::Int(start), shape, strides, ..] = args else {
        return tensor;
    };
    let sizes = |value| {
        let items = objects.sequence(value)?;
        let sizes = items.iter().map(|&item| match item {
            Value::Int(size) => usize::try_from(size).ok(),
            _ => None,
        });
        sizes.collect::<Option<Vec<usize>>>()
    };
    let (Some(Node::Storage(storage)), Ok(start), Some(shape), Some(strides)) = (
        objects.node(source),
        usize::try_from(start),
        sizes(shape),
        sizes(strides),
    ) else {
        return tensor;
    };
    tensor.element = element.unwrap_or(storage.element);
    tensor.shape = shape;
    if tensor.shape.len() != strides.len() || strides.len() > MAX_RANK {
        tensor.place = Place::Nowhere("its shape and its strides differ in length");
        return tensor;
    }
    let start = start.saturating_add(storage.view_start);
    tensor.place = match extent(&tensor.shape, &strides, start) {
        Some(end) if end <= storage.reach(tensor.element) => Place::Strided {
            key: storage.key,
            start,
            strides,
        },
        _ => Place::Nowhere("it reaches beyond its storage"),
    };
    tensor
}

/// One past the last value that a tensor touches.
fn extent(shape: &[usize], strides: &[usize], start: usize) -> Option<usize> {
    if shape.contains(&0) {
        return Some(start);
    }
    shape
        .iter()
        .zip(strides)
        .try_fold(start, |last, (&size, &stride)| {
            last.checked_add((size - 1).checked_mul(stride)?)
        })?
        .checked_add(1)
}
