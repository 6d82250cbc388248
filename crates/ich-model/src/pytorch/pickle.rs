//! A pickle read as plain data: nothing in it is ever called.
//!
//! Opcodes are those of Python's `pickletools`, protocols 0 to 5. Dictionaries, lists, numbers and
//! strings are kept; a call or an instance of a class is kept as its name with its items and
//! attributes.

use std::collections::HashMap;

use super::object::{Mapping, Node, Objects, Value};
use super::rebuild;
use super::stream::{array, byte, index, length4, length8, line, long, take, text};

/// Opcodes of one pickle; a checkpoint of a ResNet-18 with its optimizer has some 10,000.
const MAX_OPCODES: usize = 1 << 22;

/// Reads the pickle at the start of `rest`, which is left behind it.
pub(super) fn read<'p>(
    rest: &mut &'p [u8],
    objects: &mut Objects<'p>,
) -> Result<Value<'p>, String> {
    let mut machine = Machine {
        objects,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    for _ in 0..MAX_OPCODES {
        let opcode = byte(rest)?;
        if opcode == b'.' {
            return machine.pop();
        }
        machine.step(opcode, rest)?;
    }
    Err(format!(
        "its pickle has more than {MAX_OPCODES} instructions; save the state dict alone"
    ))
}

struct Machine<'o, 'p> {
    objects: &'o mut Objects<'p>,
    stack: Vec<Value<'p>>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'p>>,
}

impl<'p> Machine<'_, 'p> {
    fn step(&mut self, opcode: u8, rest: &mut &'p [u8]) -> Result<(), String> {
        match opcode {
            // PROTO, FRAME, READONLY_BUFFER: nothing for a reader that has all bytes.
            0x80 => drop(take(rest, 1)?),
            0x95 => drop(take(rest, 8)?),
            0x98 => {}
            // Numbers and strings.
            b'N' => self.stack.push(Value::None),
            0x88 => self.stack.push(Value::Bool(true)),
            0x89 => self.stack.push(Value::Bool(false)),
            b'I' | b'L' => {
                let value = match line(rest)? {
                    "00" => Value::Bool(false),
                    "01" => Value::Bool(true),
                    text => text
                        .trim_end_matches('L')
                        .parse()
                        .map_or(Value::Other, Value::Int),
                };
                self.stack.push(value);
            }
            b'J' => {
                let value = i32::from_le_bytes(array(rest)?);
                self.stack.push(Value::Int(value.into()));
            }
            b'K' => {
                let value = byte(rest)?;
                self.stack.push(Value::Int(value.into()));
            }
            b'M' => {
                let value = u16::from_le_bytes(array(rest)?);
                self.stack.push(Value::Int(value.into()));
            }
            0x8a => {
                let length = byte(rest)?;
                let value = long(take(rest, length.into())?);
                self.stack.push(value);
            }
            0x8b => {
                let length = length4(rest)?;
                let value = long(take(rest, length)?);
                self.stack.push(value);
            }
            b'F' => {
                line(rest)?;
                self.stack.push(Value::Other);
            }
            b'G' => {
                take(rest, 8)?;
                self.stack.push(Value::Other);
            }
            b'V' | b'S' => {
                let text = line(rest)?;
                let text = match opcode {
                    b'S' => text.trim_matches(['\'', '"']),
                    _ => text,
                };
                // An escaped character is in no name of a tensor.
                self.stack.push(match text.contains('\\') {
                    false => Value::Text(text),
                    true => Value::Other,
                });
            }
            // SHORT_BINSTRING and SHORT_BINUNICODE, BINSTRING and BINUNICODE, BINUNICODE8.
            b'U' | 0x8c => {
                let length = byte(rest)?;
                let value = text(take(rest, length.into())?);
                self.stack.push(value);
            }
            b'T' | b'X' => {
                let length = length4(rest)?;
                let value = text(take(rest, length)?);
                self.stack.push(value);
            }
            0x8d => {
                let length = length8(rest)?;
                let value = text(take(rest, length)?);
                self.stack.push(value);
            }
            // Bytes.
            b'C' => {
                let length = byte(rest)?;
                take(rest, length.into())?;
                self.stack.push(Value::Other);
            }
            b'B' => {
                let length = length4(rest)?;
                take(rest, length)?;
                self.stack.push(Value::Other);
            }
            0x8e | 0x96 => {
                let length = length8(rest)?;
                take(rest, length)?;
                self.stack.push(Value::Other);
            }
            // NEXT_BUFFER, EXT1, EXT2 and EXT4: what stands for them is not in the file.
            0x97 => self.stack.push(Value::Other),
            0x82..=0x84 => {
                take(rest, 1 << (opcode - 0x82))?;
                self.stack.push(Value::Other);
            }
            // The stack and the memo.
            b'(' => self.marks.push(self.stack.len()),
            b'0' => {
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            b'1' => drop(self.pop_to_mark()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'g' => {
                let index = index(line(rest)?)?;
                self.get(index)?;
            }
            b'h' => {
                let index = byte(rest)?;
                self.get(index.into())?;
            }
            b'j' => {
                let index = u32::from_le_bytes(array(rest)?);
                self.get(index)?;
            }
            b'p' => {
                let index = index(line(rest)?)?;
                self.put(index)?;
            }
            b'q' => {
                let index = byte(rest)?;
                self.put(index.into())?;
            }
            b'r' => {
                let index = u32::from_le_bytes(array(rest)?);
                self.put(index)?;
            }
            0x94 => self.put(self.memo.len() as u32)?,
            _ => self.step_object(opcode, rest)?,
        }
        Ok(())
    }

    /// The opcodes of containers, classes and instances.
    fn step_object(&mut self, opcode: u8, rest: &mut &'p [u8]) -> Result<(), String> {
        match opcode {
            b')' | b']' | 0x8f => self.add(Node::Sequence(Vec::new())),
            b'}' => self.add(Node::Mapping(Box::default())),
            b't' | b'l' | 0x91 => {
                let items = self.pop_to_mark()?;
                self.add(Node::Sequence(items))
            }
            0x85..=0x87 => {
                let n_items = usize::from(opcode - 0x84);
                let mut items = Vec::with_capacity(n_items);
                for _ in 0..n_items {
                    items.push(self.pop()?);
                }
                items.reverse();
                self.add(Node::Sequence(items))
            }
            b'd' => {
                let items = pairs(self.pop_to_mark()?);
                self.add(Node::Mapping(Box::new(Mapping {
                    items,
                    ..Mapping::default()
                })))
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])
            }
            b'e' | 0x90 => {
                let items = self.pop_to_mark()?;
                self.append(items)
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set_items(vec![(key, value)])
            }
            b'u' => {
                let items = pairs(self.pop_to_mark()?);
                self.set_items(items)
            }
            b'c' => {
                let (module, name) = (line(rest)?, line(rest)?);
                self.add(Node::Global { module, name })
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                match (module, name) {
                    (Value::Text(module), Value::Text(name)) => {
                        self.add(Node::Global { module, name })
                    }
                    _ => Err("its pickle has a class without a name".to_owned()),
                }
            }
            // PERSID, BINPERSID.
            b'P' => {
                line(rest)?;
                self.stack.push(Value::Other);
                Ok(())
            }
            b'Q' => {
                let id = self.pop()?;
                let value = match rebuild::storage(self.objects, id) {
                    Some(storage) => self.objects.add(Node::Storage(storage))?,
                    None => Value::Other,
                };
                self.stack.push(value);
                Ok(())
            }
            // INST, OBJ: a class and its arguments behind the mark.
            b'i' => {
                let class = (line(rest)?, line(rest)?);
                self.pop_to_mark()?;
                self.instance(Some(class))
            }
            b'o' => {
                let items = self.pop_to_mark()?;
                let class = items.first().and_then(|&class| self.objects.global(class));
                self.instance(class)
            }
            // REDUCE, NEWOBJ, NEWOBJ_EX, BUILD.
            b'R' => {
                let (args, callable) = (self.pop()?, self.pop()?);
                let value = rebuild::call(self.objects, callable, args)?;
                self.stack.push(value);
                Ok(())
            }
            0x81 | 0x92 => {
                let n_args = 1 + usize::from(opcode == 0x92);
                for _ in 0..n_args {
                    self.pop()?;
                }
                let class = self.pop()?;
                self.instance(self.objects.global(class))
            }
            b'b' => {
                let state = self.pop()?;
                let object = self.top()?;
                if let Some(Node::Mapping(mapping)) = self.objects.node_mut(object) {
                    mapping.state = Some(state);
                }
                Ok(())
            }
            _ => Err(format!("its pickle has the unknown opcode {opcode:#04x}")),
        }
    }

    fn add(&mut self, node: Node<'p>) -> Result<(), String> {
        let value = self.objects.add(node)?;
        self.stack.push(value);
        Ok(())
    }

    fn instance(&mut self, class: Option<(&'p str, &'p str)>) -> Result<(), String> {
        self.add(Node::Mapping(Box::new(Mapping {
            class: Some(class.unwrap_or(("", "object"))),
            ..Mapping::default()
        })))
    }

    /// Adds to the list on top. Items of a class that is like a list, such as `deque`, hold no
    /// network.
    fn append(&mut self, items: Vec<Value<'p>>) -> Result<(), String> {
        let top = self.top()?;
        if let Some(Node::Sequence(list)) = self.objects.node_mut(top) {
            list.extend(items);
        }
        Ok(())
    }

    /// Adds to the dictionary on top, of whatever class it is.
    fn set_items(&mut self, items: Vec<(Value<'p>, Value<'p>)>) -> Result<(), String> {
        let top = self.top()?;
        if let Some(Node::Mapping(mapping)) = self.objects.node_mut(top) {
            mapping.items.extend(items);
        }
        Ok(())
    }

    fn top(&self) -> Result<Value<'p>, String> {
        match self.stack.last() {
            Some(&value) if self.marks.last() != Some(&self.stack.len()) => Ok(value),
            _ => Err("its pickle takes a value from an empty stack".to_owned()),
        }
    }

    fn pop(&mut self) -> Result<Value<'p>, String> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value<'p>>, String> {
        let mark = self.marks.pop();
        let mark = mark.ok_or("its pickle ends a list that it did not begin")?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn get(&mut self, index: u32) -> Result<(), String> {
        let value = self.memo.get(&index);
        let value = value.ok_or_else(|| format!("its pickle has nothing at place {index}"))?;
        self.stack.push(*value);
        Ok(())
    }

    fn put(&mut self, index: u32) -> Result<(), String> {
        let top = self.top()?;
        self.memo.insert(index, top);
        Ok(())
    }
}

/// Keys and values in turn.
fn pairs(items: Vec<Value<'_>>) -> Vec<(Value<'_>, Value<'_>)> {
    let pairs = items.as_chunks::<2>().0.iter();
    pairs.map(|&[key, value]| (key, value)).collect()
}
