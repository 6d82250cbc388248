use super::partial::PartialDeclaration;
use super::source::Source;

/// What several sources declare, those that count more first: of each field the first that says it.
///
/// The usual order: options, the file beside the model, the model's metadata, configurations of other
/// programs, what is known of the network.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<(Source, PartialDeclaration)>);

impl Sources {
    /// Adds a source that counts less than those before.
    pub fn push(&mut self, source: Source, declared: PartialDeclaration) {
        self.0.push((source, declared));
    }

    /// All of them, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Source, &PartialDeclaration)> {
        self.0.iter().map(|(source, declared)| (source, declared))
    }

    /// What the first source that says something about a field says of it.
    pub(super) fn first<T>(
        &self,
        field: impl Fn(&PartialDeclaration) -> &Option<T>,
    ) -> Option<(&Source, &T)> {
        self.iter()
            .find_map(|(source, declared)| Some((source, field(declared).as_ref()?)))
    }

    /// The same of range, mean and standard deviation. Those of another program fit each other only:
    /// they are left out where anything else says one of the three.
    pub(super) fn first_of_normalisation<T>(
        &self,
        field: impl Fn(&PartialDeclaration) -> &Option<T>,
    ) -> Option<(&Source, &T)> {
        let is_config = |source: &Source| matches!(source, Source::Config(_));
        let says_some = |declared: &PartialDeclaration| {
            declared.range.is_some() || declared.mean.is_some() || declared.std.is_some()
        };
        let mut ours = self.iter().filter(|(source, _)| !is_config(source));
        let is_ours = ours.any(|(_, declared)| says_some(declared));
        self.iter()
            .filter(|(source, _)| !(is_ours && is_config(source)))
            .find_map(|(source, declared)| Some((source, field(declared).as_ref()?)))
    }
}
