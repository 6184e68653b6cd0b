// MPI's constants are macros around casts, which Swift cannot see: the calls, with them filled in.
#ifndef COPENMPI_SHIM_H
#define COPENMPI_SHIM_H

#include <mpi.h>

/// Joins the processes that mpirun started; one thread, the one that joins, will call.
static inline void mpi_join(int *number, int *count) {
  int provided;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, number);
  MPI_Comm_size(MPI_COMM_WORLD, count);
}

static inline void mpi_sum_floats(float *values, int count) {
  MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

static inline void mpi_sum_doubles(double *values, int count) {
  MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

static inline void mpi_leave(void) { MPI_Finalize(); }

static inline void mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

#endif
