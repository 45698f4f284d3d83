"""What happens inside the patient: models as declared in their papers, compiled to kernels, solved for populations."""
