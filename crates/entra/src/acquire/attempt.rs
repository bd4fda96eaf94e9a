//! One request on its way to a token: looked up, refreshed, granted and cached.

use super::{Acquired, LEEWAY, Policy, Source, find, query, read};
use crate::Error;
use crate::cache::{self, Document, Query};
use crate::grant::{
    Granted, Method, TokenRequest, authorization_code, client_credentials, device_code,
    managed_identity, refresh_token,
};
use crate::ports::{LockedTokens, Ports};
use crate::secret::Secret;
use crate::token::Token;
use crate::wire::lifetime;

pub(super) struct Attempt<'a> {
    pub(super) request: &'a TokenRequest,
    pub(super) policy: &'a Policy,
    pub(super) ports: &'a Ports<'a>,
}

pub(super) struct Candidate {
    pub(super) acquired: Acquired,
    /// It works, but the authority wants it to be renewed by now.
    pub(super) is_due: bool,
}

impl Attempt<'_> {
    fn query(&self) -> Query<'_> {
        query(self.request)
    }

    /// The cached token in the text of a document, if it lives for long enough.
    pub(super) fn cached(&self, document: Option<&Secret>) -> Option<Candidate> {
        let cached = find(document, &self.query())?;
        let now = self.ports.clock.now();
        let left = cached.token.expires_on.since(now);
        // No token lives for longer: the document or the clock is wrong.
        if !(self.policy.minimum_lifetime.max(LEEWAY)..=lifetime::LONGEST).contains(&left) {
            return None;
        }
        Some(Candidate {
            is_due: cached.refresh_on.is_some_and(|due| now >= due),
            acquired: Acquired {
                token: cached.token,
                source: Source::Cache,
                account: cached.account,
                cache_error: None,
            },
        })
    }

    pub(super) fn acquire_locked(&self, store: &dyn LockedTokens) -> Result<Acquired, Error> {
        // Another process that held the lock before may have fetched what is needed.
        let text = store.load()?;
        let cached = self.policy.reuse.then(|| self.cached(text.as_ref()));
        let document = || read(text.as_ref());
        match cached.flatten() {
            Some(cached) if !cached.is_due => Ok(cached.acquired),
            // The cached token works: no failure to renew it early is worth mentioning.
            Some(cached) => Ok(self.renew(&mut document(), store).unwrap_or_else(|error| {
                log::info!("renewing early failed: {error}");
                cached.acquired
            })),
            None => self.acquire_new(&mut document(), store),
        }
    }

    fn acquire_new(
        &self,
        document: &mut Document,
        store: &dyn LockedTokens,
    ) -> Result<Acquired, Error> {
        if self.request.forces_interaction() {
            return self.grant_and_keep(document, store);
        }
        match self.refresh(document, store) {
            Ok(Some(acquired)) => Ok(acquired),
            Ok(None) => self.grant_and_keep(document, store),
            Err(Error::SignInRequired(Some(refusal))) if self.ports.interaction.is_some() => {
                // What the authority demands goes along to the sign-in.
                let challenge = refusal.claims.or_else(|| self.request.claims.clone());
                let request = TokenRequest {
                    claims: challenge,
                    ..self.request.clone()
                };
                let attempt = Attempt {
                    request: &request,
                    policy: self.policy,
                    ports: self.ports,
                };
                attempt.grant_and_keep(document, store)
            }
            Err(error) => Err(error),
        }
    }

    fn renew(&self, document: &mut Document, store: &dyn LockedTokens) -> Result<Acquired, Error> {
        if self.request.method.is_for_application() {
            return self.grant_and_keep(document, store);
        }
        self.refresh(document, store)?
            .ok_or(Error::NothingToRefresh)
    }

    /// `None` if there is no refresh token.
    pub(super) fn refresh(
        &self,
        document: &mut Document,
        store: &dyn LockedTokens,
    ) -> Result<Option<Acquired>, Error> {
        let mut refused = None;
        for token in document.refresh_tokens(&self.query()) {
            let request = TokenRequest {
                confidential: token.confidential.unwrap_or(self.request.confidential),
                ..self.request.clone()
            };
            match refresh_token::acquire(&request, &token.secret, self.ports) {
                Ok(granted) => {
                    return Ok(Some(self.keep(
                        document,
                        store,
                        &granted,
                        &request,
                        Source::Refresh,
                    )));
                }
                Err(Error::Refused(refusal)) if refusal.needs_sign_in() => {
                    log::info!("the refresh token was refused: {refusal}");
                    if refusal.kills_refresh_token() {
                        document.remove_refresh_token(&token);
                        // Should this fail, the dead token is merely tried once more.
                        let _ = store.save(&document.to_text());
                    }
                    refused = Some(refusal);
                }
                Err(error) => return Err(error),
            }
        }
        match refused {
            Some(refusal) => Err(Error::SignInRequired(Some(refusal))),
            None => Ok(None),
        }
    }

    fn grant_and_keep(
        &self,
        document: &mut Document,
        store: &dyn LockedTokens,
    ) -> Result<Acquired, Error> {
        let granted = self.grant()?;
        Ok(self.keep(document, store, &granted, self.request, Source::Grant))
    }

    fn grant(&self) -> Result<Granted, Error> {
        let (request, ports) = (self.request, self.ports);
        let interaction = || ports.interaction.ok_or(Error::SignInRequired(None));
        match &request.method {
            Method::AuthorizationCode(redirect) => authorization_code::acquire(
                request,
                redirect,
                self.policy.interactive_timeout,
                ports,
                interaction()?,
            ),
            Method::ClientCredentials => client_credentials::acquire(request, ports),
            Method::DeviceCode => device_code::acquire(request, ports, interaction()?),
            Method::ManagedIdentity(machine) => managed_identity::acquire(request, machine, ports),
        }
    }

    fn keep(
        &self,
        document: &mut Document,
        store: &dyn LockedTokens,
        granted: &Granted,
        request: &TokenRequest,
        source: Source,
    ) -> Acquired {
        let mut acquired = self.acquired(granted, source);
        let lifetime = acquired.token.expires_on.since(granted.received);
        let after = |seconds: Option<i64>, most| {
            let seconds = seconds.filter(|seconds| *seconds <= most);
            seconds.map(|seconds| granted.received.plus(seconds))
        };
        let reply = &granted.reply;
        document.insert(
            &self.query(),
            &cache::Grant {
                token: &acquired.token,
                received: granted.received,
                extended_expires_on: after(reply.ext_expires_in, lifetime::LONGEST),
                refresh_on: after(reply.refresh_in, lifetime),
                refresh_token: reply.refresh_token.as_ref(),
                confidential: request.confidential,
                user: granted
                    .account
                    .as_ref()
                    .map(|account| (account, reply.id_token.as_ref())),
            },
        );
        acquired.cache_error = store.save(&document.to_text()).err();
        acquired
    }

    fn acquired(&self, granted: &Granted, source: Source) -> Acquired {
        let reply = &granted.reply;
        let scopes = reply
            .scopes()
            .unwrap_or_else(|| self.request.scopes.clone());
        let lifetime = lifetime::of(&reply.access_token, granted.received, [reply.expires_in]);
        Acquired {
            token: Token {
                access_token: reply.access_token.clone(),
                token_type: reply.token_type.clone(),
                expires_on: granted.received.plus(lifetime),
                scopes,
            },
            source,
            account: granted.account.clone(),
            cache_error: None,
        }
    }
}
