/** The reaper: finds claims whose instances are gone, and frees what they hold; never touches what lives. */
@NullMarked
package dev.berth.reaper;

import org.jspecify.annotations.NullMarked;
