/* Who may say where the key goes and who can read it on its way, where a run is resumed. Its
 * directory may be somebody else's, and so may the config that its manifest names. So
 * connection.insecure, ca_file and proxy are taken from the command line, from a config that is
 * named there, and from one that stands in the working directory (or is its configs/config.yaml);
 * never from a manifest, nor from a config that only a manifest names. */
#ifndef JOB_TRUST_H
#define JOB_TRUST_H

#include "job/prepare.h"

/* Whether an assignment that the manifest holds may be used. */
bool trust_allows(const struct manifest_override *override);

/* Whether the address is given again of a run that is resumed and was started with one on its
 * command line: it is taken from no manifest, and only compared with that. Else adds a fault. */
bool trust_address_is_given(const struct prepare_options *options, struct faults *faults);

/* Adds a fault for each such setting that the run had, or the config has, and that is not taken. To
 * be called once the settings are read. */
void trust_check(const struct preparation *preparation, const struct prepare_options *options,
                 struct faults *faults);

#endif
