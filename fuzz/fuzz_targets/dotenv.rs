//! `.env` files, exports of shells and tfvars: what is read and written again reads the same.
#![no_main]

use entra::secret::Secret;
use entra::text::printable;
use entratool::profile::service_principal::assignments::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let found = match parse(text) {
        Ok(found) => found.unwrap_or_default(),
        Err(error) => {
            let message = error.to_string();
            assert_eq!(printable(&message), message);
            return;
        }
    };
    for principal in found {
        let secret = principal.client_secret.as_ref().map(Secret::expose);
        let (id, tenant) = (&principal.client_id, &principal.tenant);
        let secret = secret.unwrap_or("secret");
        if ![id, tenant, secret].into_iter().all(is_plain) {
            continue;
        }
        for written in [
            format!(
                "AZURE_CLIENT_ID={id}\nAZURE_TENANT_ID={tenant}\nAZURE_CLIENT_SECRET={secret}\n"
            ),
            format!(
                "export AZURE_CLIENT_ID='{id}'\nexport AZURE_TENANT_ID='{tenant}'\nexport AZURE_CLIENT_SECRET='{secret}'\n"
            ),
            format!(
                "AZURE_CLIENT_ID = \"{id}\"\r\nAZURE_TENANT_ID = \"{tenant}\"\r\nAZURE_CLIENT_SECRET = \"{secret}\"\r\n"
            ),
        ] {
            let again = parse(&written).expect("what is written can be read");
            let [again] = &again.unwrap_or_default()[..] else {
                panic!("not one: {written}");
            };
            assert_eq!((&again.client_id, &again.tenant), (id, tenant));
            assert_eq!(
                again.client_secret.as_ref().map(Secret::expose),
                Some(secret)
            );
        }
    }
});

/// Nothing that needs quotes, and none of the words for nothing.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !text.is_empty() && text.bytes().all(is_plain) && !["null", "None"].contains(&text)
}
