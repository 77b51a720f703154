/* Who joins in the ordinary program: nobody. Where mpi.c is linked, this file is not. */
#include "cluster/cluster.h"

bool cluster_is_many(void)
{
    return false;
}

bool cluster_join(struct cluster *cluster, struct error *error)
{
    (void)error;
    cluster_alone(cluster);
    return true;
}
