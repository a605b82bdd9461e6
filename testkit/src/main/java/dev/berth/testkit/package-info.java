/** Contract suites for every interface that others may implement, and fakes that fail on demand. */
@NullMarked
package dev.berth.testkit;

import org.jspecify.annotations.NullMarked;
