//! Types that are made at run time by a source: in tubes, in runners, in node processes and in the
//! command.

mod command;
mod main_thread;
mod programs;
mod runners;

noob_zmq::test_nodes!(registry = noob_zmq_tests::made::registry);
