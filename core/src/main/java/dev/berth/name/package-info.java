/**
 * Names that a target accepts and that no two owners share.
 *
 * <p>A {@link dev.berth.name.NameRule} says what a target (a container engine, the DNS, a compose project, a proxy)
 * accepts; a {@link dev.berth.name.NameGenerator} makes names for it from parts such as a user and a desktop type. The
 * package needs nothing else of Berth: with a ledger it proposes candidates, alone it is injective.
 */
@NullMarked
package dev.berth.name;

import org.jspecify.annotations.NullMarked;
