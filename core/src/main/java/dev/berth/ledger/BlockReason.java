package dev.berth.ledger;

/** Why a resource is not grantable though no claim holds it. */
public enum BlockReason {
    /** It rests after a claim: late packets, cached host names, backups by guest id. Its former owner may pass. */
    QUARANTINE,
    /** A probe found an outsider on it after it had been claimed. */
    DECLINE,
    /** It was marked as belonging to something outside this ledger. */
    FOREIGN
}
