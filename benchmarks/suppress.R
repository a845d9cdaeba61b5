# Hide small counts with an R package: Rscript suppress.R PACKAGE FOLDER MAX
# The folder holds cells.csv (the finest cells: a column for each way, and freq) and for each way <way>.tree.csv
# (levels, codes: a tree from the top, as sdcTable has it). hidden.csv is written: the codes of each hidden cell.
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[2]
max_small <- as.integer(arguments[3])

cells <- read.csv(file.path(folder, "cells.csv"), colClasses = "character", check.names = FALSE)
cells$freq <- as.numeric(cells$freq)
ways <- setdiff(names(cells), "freq")
trees <- lapply(ways, function(way) read.csv(file.path(folder, paste0(way, ".tree.csv")), colClasses = "character"))
names(trees) <- ways

if (arguments[1] == "GaussSuppression") {
  found <- GaussSuppression::SuppressSmallCounts(
    data = cells, maxN = max_small, freqVar = "freq", hierarchies = trees, protectZeros = FALSE, printInc = FALSE
  )
  hidden <- found[found$suppressed, ways]
} else {
  suppressPackageStartupMessages(library(sdcTable))
  problem <- makeProblem(data = cells, dimList = trees, freqVarInd = which(names(cells) == "freq"))
  problem <- primarySuppression(problem, type = "freq", maxN = max_small, allowZeros = FALSE)
  found <- as.data.frame(getInfo(protectTable(problem, method = "SIMPLEHEURISTIC"), "finalData"))
  hidden <- found[found$sdcStatus %in% c("u", "x"), ways]
}
write.csv(hidden, file.path(folder, "hidden.csv"), row.names = FALSE)
