//! The queue of faults, and which of them a request or connection takes.

use std::collections::VecDeque;

use super::{Effect, Endpoint, Fault, Forgery, HandshakeFault};

/// The faults that are still to happen.
#[derive(Debug, Default)]
pub(crate) struct Script(VecDeque<Fault>);

impl Script {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push_back(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn waiting(&self) -> Vec<Fault> {
        self.0.iter().cloned().collect()
    }

    /// The effect on a request to `endpoint`, out of those that `wanted` picks.
    pub(crate) fn take<T>(
        &mut self,
        endpoint: Endpoint,
        wanted: impl Fn(&Effect) -> Option<T>,
    ) -> Option<T> {
        let mut taken = None;
        for fault in &mut self.0 {
            let fits = fault.endpoint == Endpoint::Any || fault.endpoint == endpoint;
            let Some(effect) = wanted(&fault.effect).filter(|_| fits && fault.times > 0) else {
                continue;
            };
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            fault.times -= 1;
            taken = Some(effect);
            break;
        }
        self.0.retain(|fault| fault.times > 0);
        taken
    }

    /// The false value to use for `forgery`: `None` if none is scripted, `Some(None)` if any will do.
    pub(crate) fn forged(
        &mut self,
        endpoint: Endpoint,
        forgery: Forgery,
    ) -> Option<Option<String>> {
        self.take(endpoint, |effect| match effect {
            Effect::Forge { what, value } if *what == forgery => Some(value.clone()),
            _ => None,
        })
    }

    /// What goes wrong with the connection that is being made.
    pub(crate) fn handshake(&mut self) -> Option<HandshakeFault> {
        self.take(Endpoint::Any, |effect| match effect {
            Effect::Handshake { what } => Some(*what),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(effect: &Effect) -> Option<Effect> {
        Some(effect.clone())
    }

    #[test]
    fn a_fault_happens_as_often_as_scripted_and_only_where() {
        let mut script = Script::default();
        let effect = Effect::reply(500, "");
        script.add(
            Fault::new(Endpoint::Token, effect.clone())
                .times(2)
                .after(1),
        );
        assert_eq!(script.take(Endpoint::Keys, any), None);
        let seen: Vec<bool> = (0..4)
            .map(|_| script.take(Endpoint::Token, any).is_some())
            .collect();
        assert_eq!(seen, [false, true, true, false]);
        assert!(script.waiting().is_empty());
    }

    #[test]
    fn a_fault_of_another_kind_waits_for_its_turn() {
        let mut script = Script::default();
        script.add(Fault::new(
            Endpoint::Any,
            Effect::Forge {
                what: Forgery::Nonce,
                value: None,
            },
        ));
        assert_eq!(script.forged(Endpoint::Token, Forgery::State), None);
        assert_eq!(script.forged(Endpoint::Token, Forgery::Nonce), Some(None));
        assert_eq!(script.forged(Endpoint::Token, Forgery::Nonce), None);
    }
}
