//! The directory every emulator starts with: the identities of [`crate::demo`] and well-known APIs.

use std::collections::HashMap;

use crate::demo;
use crate::directory::{
    Application, ClientSecret, Directory, Resource, Tenant, TokenVersion, User,
};

impl Directory {
    /// The demo identities and the Microsoft APIs that people ask tokens for most often.
    pub(crate) fn demo() -> Self {
        Self {
            tenants: vec![
                tenant(demo::TENANT_ID, demo::TENANT_DOMAIN),
                tenant(demo::SECOND_TENANT_ID, demo::SECOND_TENANT_DOMAIN),
                tenant(demo::PERSONAL_TENANT_ID, "outlook.example"),
            ],
            applications: applications(),
            users: users(),
            resources: resources(),
        }
    }
}

fn tenant(id: &str, domain: &str) -> Tenant {
    Tenant {
        id: id.to_owned(),
        domain: domain.to_owned(),
    }
}

fn applications() -> Vec<Application> {
    let mut service = application(demo::CLIENT_ID, "Contoso nightly report");
    service.secrets = vec![
        secret(demo::CLIENT_SECRET, None),
        secret(demo::EXPIRED_CLIENT_SECRET, Some(NEW_YEAR_2024)),
    ];
    service.federated_subjects = texts(&[demo::WORKLOAD_SUBJECT]);
    service.roles = HashMap::from([
        role(GRAPH, &["Mail.Read", "User.Read.All"]),
        role(&api_identifier(), &["Reports.Write.All"]),
    ]);

    let mut certificate = application(demo::CERTIFICATE_CLIENT_ID, "Contoso certificate service");
    certificate.roles = service.roles.clone();

    let mut public = application(demo::PUBLIC_CLIENT_ID, "Contoso command line");
    public.public = true;
    public.tenants = vec![
        demo::TENANT_ID.to_owned(),
        demo::SECOND_TENANT_ID.to_owned(),
        demo::PERSONAL_TENANT_ID.to_owned(),
    ];
    public.redirect_uris = texts(&[
        "http://localhost",
        "http://127.0.0.1",
        "https://login.microsoftonline.com/common/oauth2/nativeclient",
    ]);

    let mut web = application(demo::WEB_CLIENT_ID, "Contoso expenses");
    web.secrets = vec![secret(demo::WEB_CLIENT_SECRET, None)];
    web.redirect_uris = texts(&[
        "http://localhost",
        "http://localhost/callback",
        "http://localhost/signin-oidc",
        "http://localhost/auth/redirect",
        "http://localhost/getAToken",
    ]);

    let mut identity = application(demo::MANAGED_IDENTITY_CLIENT_ID, "contoso-web-app");
    identity.roles = HashMap::from([role(GRAPH, &["User.Read.All"])]);

    vec![service, certificate, public, web, identity]
}

fn application(client_id: &str, name: &str) -> Application {
    Application {
        client_id: client_id.to_owned(),
        name: name.to_owned(),
        tenants: vec![demo::TENANT_ID.to_owned()],
        public: false,
        secrets: Vec::new(),
        certificates: Vec::new(),
        federated_subjects: Vec::new(),
        redirect_uris: Vec::new(),
        roles: HashMap::new(),
    }
}

fn secret(value: &str, expires: Option<i64>) -> ClientSecret {
    ClientSecret {
        value: value.to_owned(),
        expires,
    }
}

fn role(resource: &str, roles: &[&str]) -> (String, Vec<String>) {
    (resource.to_owned(), texts(roles))
}

fn users() -> Vec<User> {
    let user = |username: &str, password: &str, names: [&str; 2], home: &str| User {
        username: username.to_owned(),
        password: password.to_owned(),
        given_name: names[0].to_owned(),
        family_name: names[1].to_owned(),
        home_tenant: home.to_owned(),
        guest_of: Vec::new(),
    };
    let mut bob = user(
        demo::SECOND_USERNAME,
        demo::SECOND_PASSWORD,
        ["Bob", "Baker"],
        demo::TENANT_ID,
    );
    bob.guest_of = vec![demo::SECOND_TENANT_ID.to_owned()];
    vec![
        user(
            demo::USERNAME,
            demo::PASSWORD,
            ["Alice", "Adler"],
            demo::TENANT_ID,
        ),
        bob,
        user(
            demo::SECOND_TENANT_USERNAME,
            demo::SECOND_TENANT_PASSWORD,
            ["Carol", "Cook"],
            demo::SECOND_TENANT_ID,
        ),
        user(
            demo::PERSONAL_USERNAME,
            demo::PERSONAL_PASSWORD,
            ["Dave", "Dyer"],
            demo::PERSONAL_TENANT_ID,
        ),
    ]
}

/// Identifiers and client ids of Microsoft's APIs are the real ones, so that scopes and audiences
/// in a test read as they would in production.
fn resources() -> Vec<Resource> {
    let v1 = |identifiers: &[&str], client_id: &str| Resource {
        identifiers: texts(identifiers),
        client_id: client_id.to_owned(),
        version: TokenVersion::V1,
        permissions: vec!["user_impersonation".to_owned()],
    };
    vec![
        v1(&[GRAPH], GRAPH_CLIENT_ID),
        v1(
            &[
                "https://management.azure.com",
                "https://management.core.windows.net",
            ],
            "797f4846-ba00-4fd7-ba43-dac1f8f63013",
        ),
        v1(
            &["https://vault.azure.net"],
            "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
        ),
        v1(
            &["https://storage.azure.com"],
            "e406a681-f3d4-42a8-90b6-c2b029497af1",
        ),
        v1(
            &["https://database.windows.net"],
            "022907d3-0f1b-48f7-badc-1ba6abab6d66",
        ),
        v1(
            &["https://app.vssps.visualstudio.com"],
            "499b84ac-1321-427f-aa17-267ca6975798",
        ),
        Resource {
            identifiers: vec![api_identifier(), "api://contoso-reports".to_owned()],
            client_id: demo::API_CLIENT_ID.to_owned(),
            version: TokenVersion::V2,
            permissions: texts(&["access_as_user", "Reports.Read", "Reports.Write"]),
        },
        Resource {
            identifiers: vec!["api://AzureADTokenExchange".to_owned()],
            client_id: "fb60f99c-7a34-4190-8149-302f77469936".to_owned(),
            version: TokenVersion::V2,
            permissions: Vec::new(),
        },
    ]
}

fn api_identifier() -> String {
    format!("api://{}", demo::API_CLIENT_ID)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// The identifier of Microsoft Graph, which is meant by every permission without a resource.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";
/// The client id of Microsoft Graph, its audience where no identifier was asked for.
pub(crate) const GRAPH_CLIENT_ID: &str = "00000003-0000-0000-c000-000000000000";
const NEW_YEAR_2024: i64 = 1_704_067_200;
