/** Claims on names and ports that cannot collide: the ledger, the names, the port pools; and upsert sync. */
module dev.berth.core {
    requires org.slf4j;
    // Static: annotations are not needed at run time. Transitive: they are part of the signatures callers compile
    // against.
    requires static transitive org.jspecify;

    exports dev.berth;
    exports dev.berth.ledger;
    exports dev.berth.name;
    exports dev.berth.port;
    exports dev.berth.reaper;
    exports dev.berth.runtime;
    exports dev.berth.sync;
}
