package dev.berth.port;

/** Keeps the exported package from being empty until its first type is here; delete it then. */
interface Placeholder {}
