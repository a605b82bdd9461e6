/** The adapter for Proxmox VE: inventory, start, stop and removal of guests over its REST API. */
@NullMarked
package dev.berth.proxmox;

import org.jspecify.annotations.NullMarked;
