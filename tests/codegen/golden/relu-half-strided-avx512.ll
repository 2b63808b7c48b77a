; kernel relu, avx512
declare i64 @llvm.umin.i64(i64, i64)
declare void @llvm.masked.store.v16i16.p0(<16 x i16>, ptr, i32 immarg, <16 x i1>)
define void @relu(ptr noalias nocapture readonly %sizes, ptr noalias nocapture readonly %ptrs, ptr noalias nocapture readonly %strides) #0 {
entry:
  %n0 = load i64, ptr %sizes, align 8
  %n1p = getelementptr i8, ptr %sizes, i64 8
  %n1 = load i64, ptr %n1p, align 8
  %some0 = icmp sgt i64 %n0, 0
  %some1 = icmp sgt i64 %n1, 0
  %some = and i1 %some0, %some1
  %pp0 = getelementptr i8, ptr %ptrs, i64 0
  %p0 = load ptr, ptr %pp0, align 8
  %op0 = getelementptr i8, ptr %strides, i64 16
  %o0 = load i64, ptr %op0, align 8
  %pp1 = getelementptr i8, ptr %ptrs, i64 8
  %p1 = load ptr, ptr %pp1, align 8
  %op1 = getelementptr i8, ptr %strides, i64 24
  %o1 = load i64, ptr %op1, align 8
  %sp1 = getelementptr i8, ptr %strides, i64 8
  %s1 = load i64, ptr %sp1, align 8
  %x1.0 = mul i64 %s1, 0
  %x1.1 = mul i64 %s1, 1
  %x1.2 = mul i64 %s1, 2
  %x1.3 = mul i64 %s1, 3
  %x1.4 = mul i64 %s1, 4
  %x1.5 = mul i64 %s1, 5
  %x1.6 = mul i64 %s1, 6
  %x1.7 = mul i64 %s1, 7
  %x1.8 = mul i64 %s1, 8
  %x1.9 = mul i64 %s1, 9
  %x1.10 = mul i64 %s1, 10
  %x1.11 = mul i64 %s1, 11
  %x1.12 = mul i64 %s1, 12
  %x1.13 = mul i64 %s1, 13
  %x1.14 = mul i64 %s1, 14
  %x1.15 = mul i64 %s1, 15
  br i1 %some, label %row, label %exit
row:
  %i1 = phi i64 [ 0, %entry ], [ %i1n, %row.end ]
  %d0 = mul i64 %i1, %o0
  %r0 = getelementptr i8, ptr %p0, i64 %d0
  %d1 = mul i64 %i1, %o1
  %r1 = getelementptr i8, ptr %p1, i64 %d1
  %whole = urem i64 %n0, 16
  %main.n = sub i64 %n0, %whole
  %main.some = icmp ne i64 %main.n, 0
  br i1 %main.some, label %main, label %tail.head
main:
  %i = phi i64 [ 0, %row ], [ %in, %main ]
  %v1 = mul i64 %i, 2
  %v2 = getelementptr i8, ptr %r0, i64 %v1
  %v3 = mul i64 %i, %s1
  %v4 = getelementptr i8, ptr %r1, i64 %v3
  %v5 = getelementptr i8, ptr %v4, i64 %x1.0
  %v6 = load i16, ptr %v5, align 2
  %v7 = insertelement <16 x i16> poison, i16 %v6, i64 0
  %v8 = getelementptr i8, ptr %v4, i64 %x1.1
  %v9 = load i16, ptr %v8, align 2
  %v10 = insertelement <16 x i16> %v7, i16 %v9, i64 1
  %v11 = getelementptr i8, ptr %v4, i64 %x1.2
  %v12 = load i16, ptr %v11, align 2
  %v13 = insertelement <16 x i16> %v10, i16 %v12, i64 2
  %v14 = getelementptr i8, ptr %v4, i64 %x1.3
  %v15 = load i16, ptr %v14, align 2
  %v16 = insertelement <16 x i16> %v13, i16 %v15, i64 3
  %v17 = getelementptr i8, ptr %v4, i64 %x1.4
  %v18 = load i16, ptr %v17, align 2
  %v19 = insertelement <16 x i16> %v16, i16 %v18, i64 4
  %v20 = getelementptr i8, ptr %v4, i64 %x1.5
  %v21 = load i16, ptr %v20, align 2
  %v22 = insertelement <16 x i16> %v19, i16 %v21, i64 5
  %v23 = getelementptr i8, ptr %v4, i64 %x1.6
  %v24 = load i16, ptr %v23, align 2
  %v25 = insertelement <16 x i16> %v22, i16 %v24, i64 6
  %v26 = getelementptr i8, ptr %v4, i64 %x1.7
  %v27 = load i16, ptr %v26, align 2
  %v28 = insertelement <16 x i16> %v25, i16 %v27, i64 7
  %v29 = getelementptr i8, ptr %v4, i64 %x1.8
  %v30 = load i16, ptr %v29, align 2
  %v31 = insertelement <16 x i16> %v28, i16 %v30, i64 8
  %v32 = getelementptr i8, ptr %v4, i64 %x1.9
  %v33 = load i16, ptr %v32, align 2
  %v34 = insertelement <16 x i16> %v31, i16 %v33, i64 9
  %v35 = getelementptr i8, ptr %v4, i64 %x1.10
  %v36 = load i16, ptr %v35, align 2
  %v37 = insertelement <16 x i16> %v34, i16 %v36, i64 10
  %v38 = getelementptr i8, ptr %v4, i64 %x1.11
  %v39 = load i16, ptr %v38, align 2
  %v40 = insertelement <16 x i16> %v37, i16 %v39, i64 11
  %v41 = getelementptr i8, ptr %v4, i64 %x1.12
  %v42 = load i16, ptr %v41, align 2
  %v43 = insertelement <16 x i16> %v40, i16 %v42, i64 12
  %v44 = getelementptr i8, ptr %v4, i64 %x1.13
  %v45 = load i16, ptr %v44, align 2
  %v46 = insertelement <16 x i16> %v43, i16 %v45, i64 13
  %v47 = getelementptr i8, ptr %v4, i64 %x1.14
  %v48 = load i16, ptr %v47, align 2
  %v49 = insertelement <16 x i16> %v46, i16 %v48, i64 14
  %v50 = getelementptr i8, ptr %v4, i64 %x1.15
  %v51 = load i16, ptr %v50, align 2
  %v52 = insertelement <16 x i16> %v49, i16 %v51, i64 15
  %v53 = bitcast <16 x i16> %v52 to <16 x half>
  %v54 = fpext <16 x half> %v53 to <16 x float>
  %v55 = fcmp ogt <16 x float> %v54, splat (float 0x0000000000000000)
  %v56 = select <16 x i1> %v55, <16 x float> %v54, <16 x float> splat (float 0x0000000000000000)
  %v57 = fcmp uno <16 x float> %v54, %v54
  %v58 = select <16 x i1> %v57, <16 x float> %v54, <16 x float> %v56
  %v59 = fptrunc <16 x float> %v58 to <16 x half>
  %v60 = bitcast <16 x half> %v59 to <16 x i16>
  store <16 x i16> %v60, ptr %v2, align 2
  %in = add i64 %i, 16
  %main.more = icmp ult i64 %in, %main.n
  br i1 %main.more, label %main, label %tail.head
tail.head:
  %t0 = phi i64 [ 0, %row ], [ %main.n, %main ]
  %tail.some = icmp ult i64 %t0, %n0
  br i1 %tail.some, label %tail, label %row.end
tail:
  %t = phi i64 [ %t0, %tail.head ], [ %tn, %tail.end ]
  %left = sub i64 %n0, %t
  %last = sub i64 %left, 1
  %v61 = call i64 @llvm.umin.i64(i64 0, i64 %last)
  %v62 = mul i64 %v61, %s1
  %v63 = call i64 @llvm.umin.i64(i64 1, i64 %last)
  %v64 = mul i64 %v63, %s1
  %v65 = call i64 @llvm.umin.i64(i64 2, i64 %last)
  %v66 = mul i64 %v65, %s1
  %v67 = call i64 @llvm.umin.i64(i64 3, i64 %last)
  %v68 = mul i64 %v67, %s1
  %v69 = call i64 @llvm.umin.i64(i64 4, i64 %last)
  %v70 = mul i64 %v69, %s1
  %v71 = call i64 @llvm.umin.i64(i64 5, i64 %last)
  %v72 = mul i64 %v71, %s1
  %v73 = call i64 @llvm.umin.i64(i64 6, i64 %last)
  %v74 = mul i64 %v73, %s1
  %v75 = call i64 @llvm.umin.i64(i64 7, i64 %last)
  %v76 = mul i64 %v75, %s1
  %v77 = call i64 @llvm.umin.i64(i64 8, i64 %last)
  %v78 = mul i64 %v77, %s1
  %v79 = call i64 @llvm.umin.i64(i64 9, i64 %last)
  %v80 = mul i64 %v79, %s1
  %v81 = call i64 @llvm.umin.i64(i64 10, i64 %last)
  %v82 = mul i64 %v81, %s1
  %v83 = call i64 @llvm.umin.i64(i64 11, i64 %last)
  %v84 = mul i64 %v83, %s1
  %v85 = call i64 @llvm.umin.i64(i64 12, i64 %last)
  %v86 = mul i64 %v85, %s1
  %v87 = call i64 @llvm.umin.i64(i64 13, i64 %last)
  %v88 = mul i64 %v87, %s1
  %v89 = call i64 @llvm.umin.i64(i64 14, i64 %last)
  %v90 = mul i64 %v89, %s1
  %v91 = call i64 @llvm.umin.i64(i64 15, i64 %last)
  %v92 = mul i64 %v91, %s1
  %v93 = call i64 @llvm.umin.i64(i64 %left, i64 16)
  %v94 = trunc i64 %v93 to i32
  %v95 = insertelement <16 x i32> poison, i32 %v94, i64 0
  %v96 = shufflevector <16 x i32> %v95, <16 x i32> poison, <16 x i32> zeroinitializer
  %v97 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %v96
  %v98 = mul i64 %t, 2
  %v99 = getelementptr i8, ptr %r0, i64 %v98
  %v100 = mul i64 %t, %s1
  %v101 = getelementptr i8, ptr %r1, i64 %v100
  %v102 = getelementptr i8, ptr %v101, i64 %v62
  %v103 = load i16, ptr %v102, align 2
  %v104 = insertelement <16 x i16> poison, i16 %v103, i64 0
  %v105 = getelementptr i8, ptr %v101, i64 %v64
  %v106 = load i16, ptr %v105, align 2
  %v107 = insertelement <16 x i16> %v104, i16 %v106, i64 1
  %v108 = getelementptr i8, ptr %v101, i64 %v66
  %v109 = load i16, ptr %v108, align 2
  %v110 = insertelement <16 x i16> %v107, i16 %v109, i64 2
  %v111 = getelementptr i8, ptr %v101, i64 %v68
  %v112 = load i16, ptr %v111, align 2
  %v113 = insertelement <16 x i16> %v110, i16 %v112, i64 3
  %v114 = getelementptr i8, ptr %v101, i64 %v70
  %v115 = load i16, ptr %v114, align 2
  %v116 = insertelement <16 x i16> %v113, i16 %v115, i64 4
  %v117 = getelementptr i8, ptr %v101, i64 %v72
  %v118 = load i16, ptr %v117, align 2
  %v119 = insertelement <16 x i16> %v116, i16 %v118, i64 5
  %v120 = getelementptr i8, ptr %v101, i64 %v74
  %v121 = load i16, ptr %v120, align 2
  %v122 = insertelement <16 x i16> %v119, i16 %v121, i64 6
  %v123 = getelementptr i8, ptr %v101, i64 %v76
  %v124 = load i16, ptr %v123, align 2
  %v125 = insertelement <16 x i16> %v122, i16 %v124, i64 7
  %v126 = getelementptr i8, ptr %v101, i64 %v78
  %v127 = load i16, ptr %v126, align 2
  %v128 = insertelement <16 x i16> %v125, i16 %v127, i64 8
  %v129 = getelementptr i8, ptr %v101, i64 %v80
  %v130 = load i16, ptr %v129, align 2
  %v131 = insertelement <16 x i16> %v128, i16 %v130, i64 9
  %v132 = getelementptr i8, ptr %v101, i64 %v82
  %v133 = load i16, ptr %v132, align 2
  %v134 = insertelement <16 x i16> %v131, i16 %v133, i64 10
  %v135 = getelementptr i8, ptr %v101, i64 %v84
  %v136 = load i16, ptr %v135, align 2
  %v137 = insertelement <16 x i16> %v134, i16 %v136, i64 11
  %v138 = getelementptr i8, ptr %v101, i64 %v86
  %v139 = load i16, ptr %v138, align 2
  %v140 = insertelement <16 x i16> %v137, i16 %v139, i64 12
  %v141 = getelementptr i8, ptr %v101, i64 %v88
  %v142 = load i16, ptr %v141, align 2
  %v143 = insertelement <16 x i16> %v140, i16 %v142, i64 13
  %v144 = getelementptr i8, ptr %v101, i64 %v90
  %v145 = load i16, ptr %v144, align 2
  %v146 = insertelement <16 x i16> %v143, i16 %v145, i64 14
  %v147 = getelementptr i8, ptr %v101, i64 %v92
  %v148 = load i16, ptr %v147, align 2
  %v149 = insertelement <16 x i16> %v146, i16 %v148, i64 15
  %v150 = bitcast <16 x i16> %v149 to <16 x half>
  %v151 = fpext <16 x half> %v150 to <16 x float>
  %v152 = fcmp ogt <16 x float> %v151, splat (float 0x0000000000000000)
  %v153 = select <16 x i1> %v152, <16 x float> %v151, <16 x float> splat (float 0x0000000000000000)
  %v154 = fcmp uno <16 x float> %v151, %v151
  %v155 = select <16 x i1> %v154, <16 x float> %v151, <16 x float> %v153
  %v156 = fptrunc <16 x float> %v155 to <16 x half>
  %v157 = bitcast <16 x half> %v156 to <16 x i16>
  call void @llvm.masked.store.v16i16.p0(<16 x i16> %v157, ptr %v99, i32 2, <16 x i1> %v97)
  br label %tail.end
tail.end:
  %tn = add i64 %t, 16
  %tail.more = icmp ult i64 %tn, %n0
  br i1 %tail.more, label %tail, label %row.end
row.end:
  %i1n = add i64 %i1, 1
  %row.more = icmp ult i64 %i1n, %n1
  br i1 %row.more, label %row, label %exit
exit:
  ret void
}
attributes #0 = { nounwind "target-cpu"="x86-64-v4" "min-legal-vector-width"="512" "prefer-vector-width"="512" }
