//! What Microsoft Graph says, and Exchange and SharePoint through it.
//!
//! <https://learn.microsoft.com/graph/resolve-auth-errors>

use super::{Message, Page, Who};

pub(super) const GRAPH: &[Message] = &[
    Message {
        name: "Access token is empty",
        codes: &[],
        signs: &["access token is empty"],
        beside: &[],
        title: "the request carried no token",
        who: Who::You,
        meaning: "There was nothing behind `Authorization: Bearer`: the header is missing or \
            misspelt, or the variable in it is empty because the command before failed.",
        next_step: "`entratool get-token -p {profile} --silent --format header` prints the whole \
            header, for `curl -H @- URL` behind a pipe. In a script, `set -euo pipefail` stops \
            where no token came.",
        page: Page::None,
    },
    Message {
        name: "/me request",
        codes: &[],
        signs: &["/me request is only valid with delegated authentication flow"],
        beside: &[],
        title: "an application is nobody, so it has no `/me`",
        who: Who::You,
        meaning: "`/me` is the person who signed in, and this token is of an application: it has \
            `roles` and no `scp`.",
        next_step: "As an application, name the person: `/users/NAME@DOMAIN` in the place of \
            `/me`. Or sign in as a person, if the app allows it: `entratool get-token -p \
            {profile} -f DeviceCode --scope User.Read`.",
        page: Page::None,
    },
    Message {
        name: "ErrorAccessDenied",
        codes: &["ErrorAccessDenied"],
        signs: &["access is denied. check credentials and try again"],
        beside: &[],
        title: "Exchange does not open this mailbox to the token",
        who: Who::YouOrTenantAdmin,
        meaning: "The token is genuine and for Microsoft Graph; its permissions do not reach this \
            mail, calendar or contact.{person} A person needs the scope of the call, and for \
            somebody else's mailbox the one that ends in `.Shared` and a right in Exchange.{end}\
            {app} An application needs the role of the call, and Exchange must not keep the \
            mailbox from it by an application access policy or by roles of its own.{end}",
        next_step: "See what the token allows: `entratool inspect -p {profile} --claims`.{person} \
            Ask as a person for the scope: `entratool get-token -p {profile} --scope \
            Mail.Read`.{end}{app} For an application: Azure Portal → App registrations → your app \
            → API permissions → Application permissions → Grant admin consent, then `entratool \
            get-token -p {profile} --force`.{end}",
        page: Page::Permissions,
    },
    Message {
        name: "accessDenied",
        codes: &["accessDenied"],
        signs: &["the caller does not have permission to perform the action"],
        beside: &[],
        title: "SharePoint or OneDrive does not open this site or file to the token",
        who: Who::YouOrTenantAdmin,
        meaning: "The token is genuine and for Microsoft Graph; it does not reach this site or \
            file.{person} A person needs a scope such as `Files.Read` or `Sites.Read.All`, and \
            access of their own.{end}{app} An application needs the role `Sites.Read.All` or the \
            like; with `Sites.Selected` it also has to be admitted to this very site.{end}",
        next_step: "See what the token allows: `entratool inspect -p {profile} --claims`.{person} \
            Ask as a person for the scope: `entratool get-token -p {profile} --scope \
            Files.Read`, or have the file shared with you.{end}{app} For an application: Azure \
            Portal → App registrations → your app → API permissions → Application permissions → \
            Grant admin consent, then `entratool get-token -p {profile} --force`.{end}",
        page: Page::Permissions,
    },
];
