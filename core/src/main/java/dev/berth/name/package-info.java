/** Names that fit their target and cannot collide. */
@NullMarked
package dev.berth.name;

import org.jspecify.annotations.NullMarked;
