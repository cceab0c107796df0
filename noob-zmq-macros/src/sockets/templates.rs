//! Templates of paths and identities, whose `{id}` is filled when an actor runs.

use syn::LitStr;

use crate::errors::Errors;

/// Checks that a path stays in the directory of its runner.
pub(super) fn check_path(path: &LitStr, errors: &mut Errors) {
    let text = path.value();
    if text.is_empty() || text.starts_with('/') || text.split('/').any(|part| part == "..") {
        errors.push(
            path,
            "a path begins below the directory of the runner: no leading `/`, no `..`, not empty",
        );
    }
    check_placeholders(path, errors);
}

/// Checks the placeholders: only `{id}` is filled at run time, and `{socket}` here.
pub(super) fn check_placeholders(template: &LitStr, errors: &mut Errors) {
    let text = template.value();
    let mut rest = text.as_str();
    while let Some(open) = rest.find(['{', '}']) {
        let close = rest[open..].find('}').filter(|length| *length > 0);
        let Some(length) = close else {
            errors.push(
                template,
                "`{` and `}` go in pairs; a template may hold `{id}`, the id of the actor",
            );
            return;
        };
        let placeholder = &rest[open..=open + length];
        if !["{id}", "{socket}"].contains(&placeholder) {
            errors.push(
                template,
                format!(
                    "`{placeholder}` means nothing here; a template may hold `{{id}}`, the id of \
                     the actor"
                ),
            );
        }
        rest = &rest[open + length + 1..];
    }
}
