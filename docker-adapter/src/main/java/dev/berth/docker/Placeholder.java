package dev.berth.docker;

/** Keeps the module from being empty until its first public type is here; delete it then. */
public interface Placeholder {}
