package dev.berth.jdbc;

/** Keeps the module from being empty until its first public type is here; delete it then. */
public interface Placeholder {}
