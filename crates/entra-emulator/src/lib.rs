//! A local, intentionally insecure stand-in for Microsoft Entra ID.
