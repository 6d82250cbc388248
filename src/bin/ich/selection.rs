//! The options that choose the network in a file of weights.

use clap::Args as ClapArgs;
use ich::ich_model::Selection;
use ich::ich_model::glob::Pattern;

/// What to take from a file of weights.
#[derive(Debug, ClapArgs)]
pub(crate) struct SelectionArgs {
    /// Of a file with several networks, the one below this key, such as model_ema.
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<String>,
    /// Pattern of tensors that the network's answer does not need, such as 'criterion.*'; may be
    /// repeated. A tensor of the network is never left out.
    #[arg(long, value_name = "GLOB", value_parser = Pattern::new)]
    pub(crate) ignore: Vec<Pattern>,
}

impl SelectionArgs {
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            key: self.key.clone(),
            ignore: self.ignore.clone(),
        }
    }
}
