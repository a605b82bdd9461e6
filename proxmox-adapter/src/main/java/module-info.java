/** Berth's adapter for Proxmox VE. */
module dev.berth.proxmox {
    requires transitive dev.berth.core;
    requires java.net.http;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.berth.proxmox;
}
