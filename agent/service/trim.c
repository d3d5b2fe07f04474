/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/trim.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Read-only segments are identical to the file: dropping their pages loses
 * nothing. */
static int forget_segments(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	int i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t begin = info->dlpi_addr + segment->p_vaddr;
		uintptr_t end = begin + segment->p_memsz;

		if (segment->p_type != PT_LOAD ||
		    (segment->p_flags & PF_W) != 0)
			continue;
		begin -= begin % page;
		end += (page - end % page) % page;
		madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void trim_memory(void)
{
#ifdef __GLIBC__ /* others give back what is free without being asked */
	malloc_trim(0);
#endif
	dl_iterate_phdr(forget_segments, NULL);
}
