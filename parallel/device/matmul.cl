// The product of two matrices, c = a·b: m × k by k × n numbers, row by row. T is the numbers'
// type. Matrices begin at a_at, b_at and c_at. Rows below first are done already, and those
// from last on are left for later.

// pack puts a panel of WIDTH columns of b row by row, with zeros beyond its edge.
__kernel void pack(const long n, const long k, __global const T *b, const long b_at, __global T *panels) {
    long panel = get_global_id(0);
    long first = panel * WIDTH, width = min((long)WIDTH, n - first);
    __global const T *from = b + b_at + first;
    __global T *to = panels + panel * k * WIDTH;
    for (long q = 0; q < k; q++) {
        for (int j = 0; j < WIDTH; j++) to[q * WIDTH + j] = j < width ? from[q * n + j] : 0;
    }
}

// multiply is for CPUs: a work-item makes ROWS rows of one panel, 8 at a time, whose sums
// stay in registers.
__kernel void multiply(const long m, const long n, const long k, const long first, const long last,
                       __global const T *a, const long a_at, __global const T *panels, __global T *c, const long c_at) {
    long panel = get_global_id(1);
    __global const T *b = panels + panel * k * WIDTH;
    long end = min(last, first + (long)(get_global_id(0) + 1) * ROWS);
    int width = min((long)WIDTH, n - panel * WIDTH);
    for (long i = first + get_global_id(0) * ROWS; i < end; i += 8) {
        __global const T *row[8];
        for (int r = 0; r < 8; r++) row[r] = a + a_at + min(i + r, m - 1) * k;
        __global const T *a0 = row[0], *a1 = row[1], *a2 = row[2], *a3 = row[3], *a4 = row[4], *a5 = row[5], *a6 = row[6], *a7 = row[7];
        V s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        for (long q = 0; q < k; q++) {
            V x = VLOAD(q, b);
            s0 = fma((V)a0[q], x, s0);
            s1 = fma((V)a1[q], x, s1);
            s2 = fma((V)a2[q], x, s2);
            s3 = fma((V)a3[q], x, s3);
            s4 = fma((V)a4[q], x, s4);
            s5 = fma((V)a5[q], x, s5);
            s6 = fma((V)a6[q], x, s6);
            s7 = fma((V)a7[q], x, s7);
        }
        V sums[8] = {s0, s1, s2, s3, s4, s5, s6, s7};
        for (int r = 0; r < 8 && i + r < end; r++) {
            __global T *to = c + c_at + (i + r) * n + panel * WIDTH;
            if (width == WIDTH) {
                VSTORE(sums[r], 0, to);
            } else {
                T s[WIDTH];
                VSTORE(sums[r], 0, s);
                for (int j = 0; j < width; j++) to[j] = s[j];
            }
        }
    }
}

// tiles is for GPUs: a group of 16 × 16 work-items makes 64 × 64 numbers, of which each
// makes 4 × 4; it has 16 columns of a and 16 rows of b in its memory at a time.
__kernel __attribute__((reqd_work_group_size(16, 16, 1)))
void tiles(const long m, const long n, const long k, const long first, const long last,
           __global const T *a, const long a_at, __global const T *b, const long b_at, __global T *c, const long c_at) {
    __local T as[16][65], bs[16][64];
    int x = get_local_id(0), y = get_local_id(1), id = y * 16 + x;
    long row = first + get_group_id(1) * 64, column = get_group_id(0) * 64;
    T s[4][4];
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) s[i][j] = 0;
    }
    for (long t = 0; t < k; t += 16) {
        for (int e = id; e < 1024; e += 256) {
            int r = e / 16, q = e % 16;
            as[q][r] = row + r < m && t + q < k ? a[a_at + (row + r) * k + t + q] : 0;
            r = e / 64, q = e % 64;
            bs[r][q] = t + r < k && column + q < n ? b[b_at + (t + r) * n + column + q] : 0;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int q = 0; q < 16; q++) {
            T u[4], v[4];
            for (int i = 0; i < 4; i++) {
                u[i] = as[q][y + 16 * i];
                v[i] = bs[q][x + 16 * i];
            }
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 4; j++) s[i][j] = fma(u[i], v[j], s[i][j]);
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            long r = row + y + 16 * i, q = column + x + 16 * j;
            if (r < last && q < n) c[c_at + r * n + q] = s[i][j];
        }
    }
}
