/** What every package of Berth shares: the exceptions. */
@NullMarked
package dev.berth;

import org.jspecify.annotations.NullMarked;
