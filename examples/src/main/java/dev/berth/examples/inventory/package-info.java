/** A scanner's cache, kept in step with a database that many scanners share. */
@NullMarked
package dev.berth.examples.inventory;

import org.jspecify.annotations.NullMarked;
