/** Generated apps, a pair of ports and a compose project each, with the {@code .env} file that compose reads. */
@NullMarked
package dev.berth.examples.appfactory;

import org.jspecify.annotations.NullMarked;
