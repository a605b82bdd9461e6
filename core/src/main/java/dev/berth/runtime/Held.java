package dev.berth.runtime;

/** What {@link Provisioner} does where other owners' claims hold what is asked for. */
public enum Held {
    /** Refuses, naming them. */
    REFUSE,
    /**
     * Takes over from claims of the same tenant: removes their instances, running or not, and takes their place in one
     * commit. It removes nothing unless every holder in the way can be taken over from.
     */
    TAKE_FROM_SAME_TENANT,
    /**
     * Takes over from claims, whoever's, whose instance is proven to be gone. Reservations are none, nor are claims at
     * which somebody is working.
     */
    TAKE_FROM_PROVEN_GHOST
}
