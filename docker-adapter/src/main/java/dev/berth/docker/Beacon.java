package dev.berth.docker;

/**
 * Where the adapter leaves a beacon: an empty volume named {@code berth-beacon} with a random id in its label {@code
 * dev.berth.beacon}. It tells an engine from another one at the same address, and is the proof by which an empty listing
 * is believed. Who prunes it away makes the engine look like another one to Berth.
 */
public enum Beacon {
    /** Only on engines that have no lasting id of their own: Podman makes one up at each call. Elsewhere one that is there is read. */
    WHERE_NEEDED,
    /** On every engine. */
    EVERYWHERE,
    /** Nowhere, and none is read. A Podman engine is then known by its storage only. */
    NOWHERE
}
