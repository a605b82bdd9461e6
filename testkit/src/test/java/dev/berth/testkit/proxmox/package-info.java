/** Tests of the fake cluster. */
@NullMarked
package dev.berth.testkit.proxmox;

import org.jspecify.annotations.NullMarked;
