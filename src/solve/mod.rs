//! Request sets through the graph.
