#include "selftest/profile.h"

#include <stddef.h>

#define HEADER                                                                                     \
    "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,"                  \
    "qps_distribution,multimodal_img_size\n"

/* They differ by ten in every speed, so that an error that grows with what is measured, and one
 * that does not, show in one of them. */
const struct profile profile_table[] = {
    {
        .name = "fast-large",
        .about = "400 GB loaded at 1800 GB/s, 1000 tokens/s",
        .bundle = "node: {hbm_gb: 1024, ddr_to_hbm_gb_per_s: 1800, switch_overhead_s: 0.04,\n"
                  "       reports_batch_size: true}\n"
                  "experts:\n"
                  "  - name: large\n"
                  "    weight_gb: 400\n"
                  "    template_tokens: 36\n"
                  "    prefill_overhead_s: 0.005\n"
                  "    prefill_tokens_per_s: 20000\n"
                  "    decode_tokens_per_s: 1000\n"
                  "    tiers: [{tokens: 4096, batch_sizes: [1, 4]}]\n",
        .rows = HEADER "large,200,64,12,1,,,\n"
                       "large,200,4,60,1,,,\n"
                       "large,200,32,16,4,,,\n"
                       "large,200,8,20,,25,constant,\n",
    },
    {
        .name = "slow-small",
        .about = "16 GB loaded at 100 GB/s, 100 tokens/s",
        .bundle = "node: {hbm_gb: 64, ddr_to_hbm_gb_per_s: 100, switch_overhead_s: 0.02,\n"
                  "       reports_batch_size: true}\n"
                  "experts:\n"
                  "  - name: small\n"
                  "    weight_gb: 16\n"
                  "    template_tokens: 12\n"
                  "    prefill_overhead_s: 0.04\n"
                  "    prefill_tokens_per_s: 2000\n"
                  "    decode_tokens_per_s: 100\n"
                  "    tiers: [{tokens: 2048, batch_sizes: [1, 4]}]\n",
        .rows = HEADER "small,100,16,8,1,,,\n"
                       "small,100,2,20,1,,,\n"
                       "small,100,8,8,4,,,\n"
                       "small,100,2,10,,8,constant,\n",
    },
    {0},
};
