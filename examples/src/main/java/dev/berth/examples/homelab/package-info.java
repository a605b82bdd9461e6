/** Apps in containers of a Proxmox VE cluster, with a service that frees what is dead. */
@NullMarked
package dev.berth.examples.homelab;

import org.jspecify.annotations.NullMarked;
