mod formats;
mod layout;
