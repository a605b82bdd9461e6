/** A Proxmox VE cluster that is none: nodes on real TLS sockets, answers as the real ones give, trouble on demand. */
@NullMarked
package dev.berth.testkit.proxmox;

import org.jspecify.annotations.NullMarked;
