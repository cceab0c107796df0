# include!("sockets.rs");
